import NumPyFiles

/// What the tool would take an array for, from its header and, where they were read, its values.
struct ArrayReading {
    private(set) var text = ""
    private(set) var hints: [String] = []
    private(set) var shown: ArrayInspection.Shown?

    private let header: ArrayHeader
    private let statistics: ValueStatistics?
    private let firstImage: [UInt8]

    /// Bytes of the first image if these may be probabilities or one-hot labels, which show along which axis they sum to 1;
    /// nil for arrays that have no first image in one piece.
    static func firstImageByteCount(_ header: ArrayHeader) -> Int? {
        guard header.dtype.kind != .raw, header.elementCount > 0 else { return nil }
        switch header.shape.count {
        case 3 where header.dtype.kind == .float: return header.byteCount
        case 4 where !header.isFortranOrder || header.shape[0] == 1, 5 where !header.isFortranOrder:
            return header.byteCount / header.shape[0]
        default: return nil
        }
    }

    init(key: String, header: ArrayHeader, statistics: ValueStatistics?, firstImage: [UInt8]) {
        self.header = header
        self.statistics = statistics
        self.firstImage = firstImage
        if isKey(key, under: "label_issues"), header.dtype.kind == .bool {
            text = "masks of issues, as masklint writes them"
        } else if header.dtype.kind == .raw {
            readFloats()
            hints.append("pass --bfloat16, which is saved as two bytes without a type")
        } else if header.dtype.kind == .float, !isWhole {
            readFloats()
        } else {
            readIntegers()
        }
        if let statistics, statistics.nanCount > 0 { hints.append("\(statistics.nanCount) values are NaN") }
        if let statistics, statistics.infiniteCount > 0 {
            hints.append("\(statistics.infiniteCount) values are infinite")
        }
    }

    /// Whether all values are known to be whole numbers, and more than zeros and ones.
    private var isWhole: Bool {
        guard let values = statistics?.occurrences, let largest = values.last?.value else { return false }
        return header.shape.count < 4 && largest > 1
    }

    private var values: [Int]? { statistics?.occurrences?.map(\.value) }

    private mutating func readIntegers() {
        let shape = header.shape
        let noun = header.dtype.kind == .float ? "labels saved as floats" : "labels"
        switch shape.count {
        case 3:
            text = "\(noun) (N, H, W): \(images(shape[0])) of \(shape[1]) x \(shape[2])"
            addLabelHints(Array(shape[1...]))
        case 2:
            text = "\(noun) of one image (H, W): \(shape[0]) x \(shape[1])"
            addLabelHints(shape)
        case 4 where values == [0, 1] || values == [1]:
            readOneHot()
        case 4...5 where mayBeBFloat16:
            text = "pred_probs of \(header.dtype.name), which may hold bfloat16"
            hints.append("pass --bfloat16 if the two bytes hold bfloat16")
            if shape.count == 5 { hints.append("pass --volumes") }
        case 4 where shape[3] == 3 || shape[3] == 4:
            text = "pictures (N, H, W, \(shape[3])), not labels"
        case 4:
            text = "labels of volumes (N, D, H, W): \(volumes(shape[0])) of \(shape[1]) x \(shape[2]) x \(shape[3])"
            hints.append("pass --volumes")
            addLabelHints(Array(shape[1...]))
        case 5 where values == [0, 1] || values == [1]:
            text = "one-hot labels of volumes: \(volumes(shape[0]))"
            hints.append("pass --volumes and --one-hot")
        default:
            text = "nothing: labels have 2 to 4 axes, these have \(shape.count)"
        }
    }

    /// One-hot labels (N,K,H,W), or (N,H,W,K), of one class or several for each pixel.
    private mutating func readOneHot() {
        text = "one-hot labels: \(images(header.shape[0]))"
        let first = sums(classAxis: 0)
        let last = sums(classAxis: 2)
        if first?.areOne != false {
            hints.append("pass --one-hot")
        } else if last?.areOne == true {
            hints.append("pass --one-hot --layout nhwc")
        } else {
            hints.append(
                "pass --one-hot --binary --channel K, once for each class K, as a pixel has several classes or none")
        }
    }

    /// Whether integers of two bytes are the bits of bfloat16 from 0 to 1, and of 2^-7 or more somewhere.
    private var mayBeBFloat16: Bool {
        guard header.dtype.byteCount == 2, header.dtype.kind != .float, header.shape.count > 3,
            case .integer(let least)? = statistics?.minimum, case .integer(let largest)? = statistics?.maximum
        else { return false }
        return least >= 0 && (0x3C00...0x3F80).contains(largest)
    }

    /// - Parameter size: of one image, (H,W), or (D,H,W) of a volume.
    private mutating func addLabelHints(_ size: [Int]) {
        guard let values, let largest = values.last else {
            shown = .labels(size: size, largest: nil)
            return
        }
        addNumberingHints(values.filter { !LabelAdvice.looksVoid($0) }, size)
        if values == [0, 255] {
            hints.append("pass --map-label 255=1 if these are masks of 0 and 255")
            return
        }
        let below = values.dropLast().last ?? -1
        // Classes are numbered without large gaps, and void is commonly written as 255 or below zero.
        if largest == 255 && below < 254 { hints.append("pass --ignore-label=255 if 255 marks void pixels") }
        for value in values.prefix(3) where value < 0 {
            hints.append("pass --ignore-label=\(value) if \(value) marks void pixels")
        }
    }

    /// Of class numbers that are not 0..<K.
    ///
    /// - Parameter classes: values that do not mark void pixels, rising.
    private mutating func addNumberingHints(_ classes: [Int], _ size: [Int]) {
        shown = .labels(size: size, largest: classes.last)
        guard let least = classes.first, let largest = classes.last, largest > 1 else { return }
        let missing = largest - least + 1 - classes.count
        if largest >= LabelAdvice.usualDivisor {
            hints.append("pass --label-divisor 1000 if these are panoptic ids, class x 1000 + instance")
        } else if missing >= classes.count {
            hints.append(
                "pass --map-labels FILE if these are numbers of a table, as \(missing) of those up to \(largest) do not occur"
            )
        } else if least == 1 {
            hints.append("pass --reduce-zero-label if classes are numbered from 1, as no label is 0")
        }
    }

    private mutating func readFloats() {
        let shape = header.shape
        guard (2...5).contains(shape.count) else {
            text = "nothing: pred_probs have 3 to 5 axes, these have \(shape.count)"
            return
        }
        if shape.count == 2 {
            text = "one foreground probability a pixel of one image (H, W): \(shape[0]) x \(shape[1])"
            hints.append("pass --binary")
            return
        }
        if shape.count == 5 { return readVolumes() }
        let inner = Array(shape.suffix(3))
        let sumsFirst = sums(classAxis: 0)
        let sumsLast = sums(classAxis: 2)
        let isLast = sumsLast?.areEven == true && sumsFirst?.areEven != true
        let isForeground =
            sumsFirst?.areEven == false && sumsLast?.areEven == false && isWithinUnit
            && (shape.count == 3 || inner[0] == 1)
        if isForeground {
            text =
                "one foreground probability a pixel: \(images(shape[0])) of \(shape[shape.count - 2]) x \(shape[shape.count - 1])"
            hints.append("pass --binary")
            return
        }
        let axes = isLast ? "H, W, K" : "K, H, W"
        let classes = inner[isLast ? 2 : 0]
        let height = inner[isLast ? 0 : 1]
        let width = inner[isLast ? 1 : 2]
        text =
            (shape.count == 4
                ? "pred_probs (N, \(axes)): \(images(shape[0])), " : "pred_probs of one image (\(axes)): ")
            + "\(classes) classes, \(height) x \(width)"
        shown = .probabilities(classes: classes, size: [height, width])
        if isLast { hints.append("pass --layout nhwc") }
        addScoreHints(isLast ? sumsLast : sumsFirst)
    }

    /// Probabilities (N,K,D,H,W), or (N,D,H,W,K).
    private mutating func readVolumes() {
        let shape = header.shape
        let sumsFirst = sums(classAxis: 0)
        let sumsLast = sums(classAxis: 2)
        let isLast = sumsLast?.areEven == true && sumsFirst?.areEven != true
        let lengths = Array(isLast ? shape[1...3] : shape[2...4])
        let size = lengths.map(String.init).joined(separator: " x ")
        shown = .probabilities(classes: shape[isLast ? 4 : 1], size: lengths)
        text =
            "pred_probs of volumes (N, \(isLast ? "D, H, W, K" : "K, D, H, W")): \(volumes(shape[0])), "
            + "\(shape[isLast ? 4 : 1]) classes, \(size)"
        hints.append("pass --volumes")
        if isLast { hints.append("pass --layout nhwc") }
        addScoreHints(isLast ? sumsLast : sumsFirst)
    }

    private mutating func addScoreHints(_ sums: Sums?) {
        guard let statistics, let least = statistics.minimum?.double, let greatest = statistics.maximum?.double else {
            return
        }
        if least < 0 {
            hints.append("pass --logits, there are negative values")
        } else if sums?.arePercent == true {
            hints.append("divide by 100, these are percentages")
        } else if greatest > 1.01 {
            hints.append("pass --logits or --unnormalized, there are values above 1")
        } else if sums?.areOneOrZero == true && sums?.areOne == false {
            hints.append("pass --ignore-unpredicted, there are pixels whose probabilities are all 0")
        } else if sums?.areOne == false {
            if header.shape.count == 4 {
                hints.append("pass --volumes if this is one volume (K, D, H, W)")
            }
            hints.append("pass --unnormalized, classes do not sum to 1")
        }
    }

    private var isWithinUnit: Bool {
        guard let least = statistics?.minimum?.double, let greatest = statistics?.maximum?.double else { return false }
        return least >= 0 && greatest <= 1
    }

    private func volumes(_ count: Int) -> String { count == 1 ? "1 volume" : "\(count) volumes" }

    private func images(_ count: Int) -> String { count == 1 ? "1 image" : "\(count) images" }

    /// What values add up to along an axis, at a sample of the first image's pixels.
    private struct Sums {
        /// Pixels whose values add up to 1, to 100, and to 0; and to anything else.
        var one = 0
        var hundred = 0
        var zero = 0
        var other = 0

        mutating func add(_ sum: Double) {
            // Void pixels may hold anything.
            guard sum.isFinite else { return }
            if abs(sum - 1) <= 0.01 {
                one += 1
            } else if abs(sum - 100) <= 1 {
                hundred += 1
            } else if sum == 0 {
                zero += 1
            } else {
                other += 1
            }
        }

        var areOne: Bool { hundred + zero + other == 0 }
        var areOneOrZero: Bool { one > 0 && hundred + other == 0 }
        var arePercent: Bool { hundred > 0 && one + other == 0 }
        /// Whether this is the axis of classes.
        var areEven: Bool { areOne || areOneOrZero || arePercent }
    }

    /// Nil where the first image was not read.
    private func sums(classAxis: Int) -> Sums? {
        guard let byteCount = Self.firstImageByteCount(header), firstImage.count == byteCount else { return nil }
        var shape = Array(header.shape.suffix(3))
        if header.shape.count == 5 {
            // In C order the slices of a volume are one image of all their rows.
            let axes = header.shape
            shape = classAxis == 0 ? [axes[1], axes[2] * axes[3], axes[4]] : [axes[1] * axes[2], axes[3], axes[4]]
        }
        let strides =
            header.isFortranOrder ? [1, shape[0], shape[0] * shape[1]] : [shape[1] * shape[2], shape[2], 1]
        let others = (0..<3).filter { $0 != classAxis }
        let pixels = shape[others[0]] * shape[others[1]]
        let step = max(1, pixels / 64)
        var sums = Sums()
        for pixel in stride(from: 0, to: pixels, by: step) {
            let base = pixel / shape[others[1]] * strides[others[0]] + pixel % shape[others[1]] * strides[others[1]]
            var sum = 0.0
            for index in 0..<shape[classAxis] {
                sum += unsafe loadNumber(
                    firstImage.span.bytes, dtype: header.dtype, element: base + index * strides[classAxis])
            }
            sums.add(sum)
        }
        return sums
    }
}
