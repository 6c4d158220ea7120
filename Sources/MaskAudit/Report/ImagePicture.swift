/// One of the worst images, as arrays.
public struct ImagePicture: Sendable {
    /// Place among the worst, 0 being the worst, and how many pictures there are.
    public var rank: Int
    public var rankCount: Int
    public var image: AuditSummary.ImageRow
    /// Which slice of a volume is shown; nil of an image.
    public var slice: Int?
    /// The softmin score; nil without a counted pixel.
    public var score: Double?
    public var height: Int
    public var width: Int
    /// Shape (height, width): classes, `void` where ignored.
    public var given: [UInt16]
    /// Shape (height, width): the predicted label, `void` where ignored.
    public var predicted: [UInt16]
    /// One entry per pixel, in pixel order.
    public var issues: [Issue]
    /// Shape (height, width, 3); nil where there is no photograph of it.
    public var photo: [UInt8]?

    public struct Issue: Sendable, Equatable {
        public var pixel: Int
        public var given: Int
        public var suggested: Int

        public init(pixel: Int, given: Int, suggested: Int) {
            self.pixel = pixel
            self.given = given
            self.suggested = suggested
        }
    }

    /// No class: there are at most 65,535 of them.
    public static let void = UInt16.max

    public init(
        rank: Int, rankCount: Int, image: AuditSummary.ImageRow, score: Double?, height: Int, width: Int,
        given: [UInt16],
        predicted: [UInt16], issues: [Issue], photo: [UInt8]?
    ) {
        self.rank = rank
        self.rankCount = rankCount
        self.image = image
        self.score = score
        self.height = height
        self.width = width
        self.given = given
        self.predicted = predicted
        self.issues = issues
        self.photo = photo
    }
}
