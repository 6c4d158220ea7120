import ConfidentLearning

/// What an earlier run found: the part of its summary that another run is compared with.
public struct AuditBaseline: Sendable, Equatable {
    public struct ClassRow: Sendable, Equatable {
        public var name: String?
        public var pixels: Int
        public var issues: Int

        public init(name: String?, pixels: Int, issues: Int) {
            self.name = name
            self.pixels = pixels
            self.issues = issues
        }
    }

    /// Where it was read, for messages.
    public var file: String
    public var rule: String
    public var downsample: Int
    public var onlyClass: Int?
    public var countedPixels: Int
    public var issues: Int
    public var perClass: [ClassRow]
    /// Names of the worst images, or their positions as text.
    public var worstImages: [String]

    public init(
        file: String, rule: String, downsample: Int, onlyClass: Int?, countedPixels: Int, issues: Int,
        perClass: [ClassRow], worstImages: [String]
    ) {
        self.file = file
        self.rule = rule
        self.downsample = downsample
        self.onlyClass = onlyClass
        self.countedPixels = countedPixels
        self.issues = issues
        self.perClass = perClass
        self.worstImages = worstImages
    }

    var issueRate: Double { countedPixels == 0 ? 0 : Double(issues) / Double(countedPixels) }
}
