import NumPyFiles

/// What the tool would take an array for, from its header and, where they were read, its values.
struct ArrayReading {
    private(set) var text = ""
    private(set) var hints: [String] = []

    private let header: ArrayHeader
    private let statistics: ValueStatistics?
    private let firstImage: [UInt8]

    /// Bytes of the first image if these are probabilities, which show along which axis they sum to 1; nil for arrays
    /// that have no first image in one piece.
    static func firstImageByteCount(_ header: ArrayHeader) -> Int? {
        guard header.dtype.kind == .float, header.elementCount > 0 else { return nil }
        switch header.shape.count {
        case 3: return header.byteCount
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
            addLabelHints()
        case 2:
            text = "\(noun) of one image (H, W): \(shape[0]) x \(shape[1])"
            addLabelHints()
        case 4 where values == [0, 1] || values == [1]:
            text = "one-hot labels: \(images(shape[0]))"
            hints.append("pass --one-hot")
        case 4 where shape[3] == 3 || shape[3] == 4:
            text = "pictures (N, H, W, \(shape[3])), not labels"
        case 4:
            text = "labels of volumes (N, D, H, W): \(volumes(shape[0])) of \(shape[1]) x \(shape[2]) x \(shape[3])"
            hints.append("pass --volumes")
            addLabelHints()
        case 5 where values == [0, 1] || values == [1]:
            text = "one-hot labels of volumes: \(volumes(shape[0]))"
            hints.append("pass --volumes and --one-hot")
        default:
            text = "nothing: labels have 2 to 4 axes, these have \(shape.count)"
        }
    }

    private mutating func addLabelHints() {
        guard let values, let largest = values.last else { return }
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
        let sumsFirst = sumsToOne(classAxis: 0)
        let sumsLast = sumsToOne(classAxis: 2)
        let isLast = sumsLast == true && sumsFirst != true
        let isForeground =
            sumsFirst == false && sumsLast == false && isWithinUnit && (shape.count == 3 || inner[0] == 1)
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
        if isLast { hints.append("pass --layout nhwc") }
        addScoreHints(isNormalized: isLast ? sumsLast : sumsFirst)
    }

    /// Probabilities (N,K,D,H,W), or (N,D,H,W,K).
    private mutating func readVolumes() {
        let shape = header.shape
        let sumsFirst = sumsToOne(classAxis: 0)
        let sumsLast = sumsToOne(classAxis: 2)
        let isLast = sumsLast == true && sumsFirst != true
        let size = (isLast ? shape[1...3] : shape[2...4]).map(String.init).joined(separator: " x ")
        text =
            "pred_probs of volumes (N, \(isLast ? "D, H, W, K" : "K, D, H, W")): \(volumes(shape[0])), "
            + "\(shape[isLast ? 4 : 1]) classes, \(size)"
        hints.append("pass --volumes")
        if isLast { hints.append("pass --layout nhwc") }
        addScoreHints(isNormalized: isLast ? sumsLast : sumsFirst)
    }

    private mutating func addScoreHints(isNormalized: Bool?) {
        guard let statistics, let least = statistics.minimum?.double, let greatest = statistics.maximum?.double else {
            return
        }
        if least < 0 {
            hints.append("pass --logits, there are negative values")
        } else if greatest > 1.01 {
            hints.append("pass --logits or --unnormalized, there are values above 1")
        } else if isNormalized == false {
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

    /// Whether values sum to 1 along an axis of the first image, at a sample of its pixels; nil where it was not read.
    private func sumsToOne(classAxis: Int) -> Bool? {
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
        for pixel in stride(from: 0, to: pixels, by: step) {
            let base = pixel / shape[others[1]] * strides[others[0]] + pixel % shape[others[1]] * strides[others[1]]
            var sum = 0.0
            for index in 0..<shape[classAxis] {
                sum += unsafe loadFloat(
                    firstImage.span.bytes, dtype: header.dtype, element: base + index * strides[classAxis])
            }
            // Void pixels may hold anything.
            if sum.isFinite && abs(sum - 1) > 0.01 { return false }
        }
        return true
    }
}
