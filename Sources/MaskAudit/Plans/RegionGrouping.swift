/// Which pixels that touch form one region.
public enum RegionGrouping: String, CaseIterable, Sendable {
    /// Those with one given and one suggested class.
    case swap
    /// Those with one given class, whatever they suggest.
    case given
}

/// Which neighbours of a pixel touch it, by their number: in its image, or of a volume also in the slices beside its own.
public enum Connectivity: Int, CaseIterable, Sendable {
    /// Those that share a side.
    case four = 4
    /// Of a volume those that share a face.
    case six = 6
    /// Those that share a side or a corner.
    case eight = 8
    /// Of a volume those that share a face, an edge or a corner.
    case twentySix = 26

    /// Whether neighbours in other slices count.
    public var isOfVolumes: Bool { self == .six || self == .twentySix }

    /// Whether sharing a corner, or of a volume an edge, is enough.
    var reachesCorners: Bool { self == .eight || self == .twentySix }
}
