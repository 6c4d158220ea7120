import ConfidentLearning
import NumPyFiles

/// How much memory a run is expected to take at most.
struct MemoryEstimate {
    let plan: AuditPlan
    let dataset: Dataset
    let units: [WorkUnit]

    /// The program, its libraries and the output's buffers, as measured on Linux for a dataset of a few pixels.
    private static let baseByteCount = 24 << 20

    /// What is kept in memory about each array: names, header and place, as measured with 10,000 files.
    private static let sourceByteCount = 2 << 10

    var result: RunOutline.Memory {
        let largest = units.map(bytes(of:)).max() ?? 0
        // In Fortran order the pixels of all images lie side by side, so nothing can be given back before the end.
        let whole = (dataset.labels + dataset.probabilities).filter { !$0.axes.isImageContiguous }
            .reduce(0) { $0 + $1.header.byteCount }
        return RunOutline.Memory(
            base: Self.baseByteCount + whole + Self.sourceByteCount
                * (dataset.labels.count + dataset.probabilities.count),
            perThread: largest + tileByteCount,
            records: min(plan.run.memoryLimitBytes, recordByteCount))
    }

    /// Bytes of the inputs that a thread works on, and of the averages that it makes.
    private func bytes(of unit: WorkUnit) -> Int {
        var total = 0
        for index in unit.images {
            let image = dataset.images[index]
            let rows = unit.rows?.count ?? image.height
            let pixels = rows * image.width
            for source in [dataset.labels[image.labelSource], dataset.probabilities[image.probabilitySource]] {
                let count = pixels * source.axes.classCount * source.header.dtype.byteCount
                // A buffer grows as data arrive, and is copied when it does.
                total += source.isBuffered ? 2 * count : count
            }
            // The masks, and the masks deflated.
            total += 2 * pixels
            if plan.rule.downsample > 1 {
                let blocks = pixels / (plan.rule.downsample * plan.rule.downsample)
                let isPlanar =
                    plan.dataset.layout == .nchw
                    && (plan.dataset.form == .probabilities || plan.dataset.form == .unnormalized)
                total += dataset.classCount * MemoryLayout<Double>.size * (blocks + (isPlanar ? 0 : pixels))
            }
        }
        return total
    }

    /// Copies of a tile of pixels: as stored, and as doubles.
    private var tileByteCount: Int {
        2 * dataset.classCount * PlaneTile.capacity * MemoryLayout<Double>.size + jointByteCount
    }

    /// Counts by given and true class, and a tile in double; rules that rank also need counters and gathered pixels.
    private var jointByteCount: Int {
        guard plan.rule.needsJoint else { return 0 }
        let pairs = dataset.classCount * dataset.classCount
        let tile = dataset.classCount * PlaneTile.capacity * MemoryLayout<Double>.size
        return 8 * pairs + tile + (plan.rule.filter.needsJoint ? GroupedSelection.byteCount(groups: pairs) : 0)
    }

    /// The size of the records if every pixel were contested.
    private var recordByteCount: Int {
        let isWide =
            plan.rule.downsample > 1 || !(plan.dataset.form == .probabilities || plan.dataset.form == .unnormalized)
            || dataset.probabilities.contains { $0.header.dtype.byteCount == 8 }
        let value = isWide ? 8 : 4
        let keepsVectors =
            plan.rule.filter.needsVectors && !dataset.probabilities.allSatisfy { $0.isReadInPlace }
        let pixels = dataset.pixelCount
        let perPixel = 2 * value + 5 + (keepsVectors ? value * dataset.classCount : 0)
        return pixels.multipliedReportingOverflow(by: perPixel).overflow ? .max : pixels * perPixel
    }
}
