/// Colours of classes in masks and legends.
///
/// Chosen greedily from a grid of sRGB colours of moderate lightness and chroma: each is as far as can be, in OKLab, from
/// all before it and from the colours of ignored pixels and of issues, seen normally and as with protanopia,
/// deuteranopia and tritanopia (Machado, Oliveira, Fernandes 2009, severity 1). So few classes get colours that anybody
/// can tell apart, many classes the best there is. After the last the colours repeat: names in the legend tell those
/// classes apart.
enum ClassPalette {
    static let colors: [Color] = [
        0x0066bb, 0x660000, 0x00eeff, 0x441177, 0x9999ff, 0x994400, 0xcc7700, 0xddeeaa, 0x664466, 0xbbaa88, 0x66bbcc,
        0x5588cc, 0x882233, 0x224499, 0x88ddbb, 0xbb5544, 0x889966, 0x666688, 0x552244, 0xbbcc77, 0x99bbff, 0x00aaaa,
        0xdd9922, 0xffdd55,
    ].map { Color(hex: $0) }

    /// Pixels that are not counted.
    static let void = Color(hex: 0x808080)

    /// Issues over a picture that is dimmed and without colours: the lightest thing in it.
    static let issue = Color(hex: 0xffb000)

    static func color(_ classIndex: Int) -> Color { colors[classIndex % colors.count] }
}
