public import ConfidentLearning

/// What a run would do, found out from headers alone.
public struct RunOutline: Sendable, Equatable {
    /// One of the two inputs.
    public struct Side: Sendable, Equatable {
        public var arrays: Int
        /// Files, folders and archives that were named.
        public var paths: [String]
        /// The element types that occur, as NumPy names them.
        public var dtypes: [String]
        /// The form in words: one array, one array per image, or arrays in a row.
        public var form: String
        /// Bytes in the files.
        public var storedBytes: Int
        /// How arrays are read: in place, inflated, from a pipe; several where arrays differ.
        public var access: [String]
    }

    public var labels: Side
    public var predProbs: Side
    public var images: Int
    public var pixels: Int
    public var classes: Int
    /// (H,W) of the smallest and of the largest image; (D,H,W) of volumes.
    public var smallest: [Int]
    public var largest: [Int]
    /// Whether labels and probabilities were paired by name.
    public var isPairedByName: Bool
    /// Shape of the output's array of masks; nil where there is one array per image.
    public var maskShape: [Int]?
    public var rule: FilterRule
    public var downsample: Int
    public var units: Int
    public var threads: Int
    public var output: String?
    public var warnings: [String]
}
