/// How many pixels are flagged, over the dataset.
struct IssueCounts: Sendable {
    /// Flagged pixels of each image.
    var byImage: [Int]
    /// Flagged pixels of each given class.
    var byClass: [Int]
    var swaps: SwapCounts

    init(_ dataset: Dataset) {
        byImage = Array(repeating: 0, count: dataset.images.count)
        byClass = Array(repeating: 0, count: dataset.classCount)
        swaps = SwapCounts(classCount: dataset.classCount)
    }
}
