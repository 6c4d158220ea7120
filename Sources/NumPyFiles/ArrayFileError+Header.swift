internal import HostSystem

/// Faults of an NPY file: what it is, and what its header says.
extension ArrayFileError.Code {
    public static let empty = Self("empty") { _ in
        ("is empty, an NPY array is needed", FileError.copyAgain)
    }
    /// `text` says what the file looks like, empty when it looks like nothing known.
    public static let wrongMagic = Self("wrongMagic") {
        guard let kind = FileKind.named($0.text) else {
            return ("does not start as an NPY or NPZ file does", "save it with numpy.save or numpy.savez_compressed")
        }
        return ("is \(kind.name), an NPY or NPZ file is needed", kind.remedy)
    }
    public static let torchFile = Self("torchFile") { _ in
        ("is a PyTorch file, an NPY or NPZ file is needed", "save the tensor with numpy.save(path, tensor.numpy())")
    }
    public static let unsupportedVersion = Self("unsupportedVersion") {
        ("NPY version \($0.found / 256).\($0.found % 256), versions 1.0, 2.0 and 3.0 are known", saveAgain)
    }
    public static let headerTruncated = Self("headerTruncated") {
        ("ends within its NPY header: \($0.found) bytes, \($0.expected) are needed", FileError.copyAgain)
    }
    public static let headerTooLong = Self("headerTooLong") {
        ("NPY header of \($0.found) bytes, at most \($0.expected) are read", saveAgain)
    }
    public static let headerSyntax = Self("headerSyntax") {
        ("NPY header cannot be parsed, \($0.text) is needed here", saveAgain)
    }
    public static let headerNotDict = Self("headerNotDict") { _ in ("NPY header is not a dict", saveAgain) }
    public static let headerNotUTF8 = Self("headerNotUTF8") { _ in
        ("NPY header of version 3.0 is not UTF-8", saveAgain)
    }
    public static let missingHeaderKey = Self("missingHeaderKey") { ("NPY header has no key '\($0.text)'", saveAgain) }
    public static let unexpectedHeaderKey = Self("unexpectedHeaderKey") {
        ("NPY header has the key '\($0.text)', only 'descr', 'fortran_order' and 'shape' are known", saveAgain)
    }
    public static let repeatedHeaderKey = Self("repeatedHeaderKey") {
        ("NPY header has the key '\($0.text)' twice", saveAgain)
    }
    public static let unsupportedDType = Self("unsupportedDType") {
        (
            "dtype '\($0.text)' is not supported, bool, integers or floats of at most 8 bytes are needed",
            "save it with .astype(\(castTarget($0.text)))"
        )
    }
    public static let objectDType = Self("objectDType") {
        (
            "dtype '\($0.text)' is object, which needs pickle, plain numbers are needed",
            "save a dict of arrays with numpy.savez(path, **d), a list of arrays with numpy.savez(path, *arrays)"
        )
    }
    public static let structuredDType = Self("structuredDType") {
        ("dtype \($0.text) is structured, plain numbers are needed", "save one field of it, as in array['name']")
    }
    public static let invalidFortranOrder = Self("invalidFortranOrder") {
        ("fortran_order is \($0.text), True or False is needed", saveAgain)
    }
    public static let shapeNotTuple = Self("shapeNotTuple") { ("shape \($0.text) is not a tuple", saveAgain) }
    public static let shapeNotIntegers = Self("shapeNotIntegers") {
        ("shape has '\($0.text)', whole numbers are needed", saveAgain)
    }
    public static let shapeNegative = Self("shapeNegative") { ("shape has the negative length \($0.text)", saveAgain) }
    public static let shapeTooLarge = Self("shapeTooLarge") {
        ("shape is too large for any file\($0.text.isEmpty ? "" : " (\($0.text))")", saveAgain)
    }
    public static let tooManyAxes = Self("tooManyAxes") { ("shape has more than \($0.expected) axes", saveAgain) }
    public static let dataTruncated = Self("dataTruncated") {
        ("holds \($0.found) bytes of data, its shape \($0.text) needs \($0.expected)", FileError.copyAgain)
    }
}

private let saveAgain = "save it again with numpy.save"

/// What `astype` should be given in place of a dtype that is not read.
private func castTarget(_ descr: String) -> String {
    switch descr.first(where: { !"<>=|".contains($0) }) {
    case "S", "U", "a", "M", "m", "V": "'int32'"
    case "f", "c", "g", "d", "e": "'float32'"
    default: "'int32') or .astype('float32'"
    }
}
