import ConfidentLearning

extension ThresholdPart {
    /// Most pixels, and most images, that parts may add up to: far more than there are, and no sum of theirs overflows.
    static let pixelLimit = UInt64(1) << 48

    /// A part and the name of its file.
    typealias Named = (part: ThresholdPart, file: String)

    /// All parts as one, whatever their order and grouping.
    ///
    /// Shards come in order of their numbers, without numbers in the order given.
    /// - Parameter isPartial: whether shards may be missing.
    /// **Errors.** Parts that are not of one dataset, a shard twice, a missing one.
    static func merged(_ parts: [Named], isPartial: Bool) throws(AuditError) -> ThresholdPart {
        guard let (first, firstFile) = parts.first else { preconditionFailure("nothing to merge") }
        var whole = first
        for (part, file) in parts.dropFirst() {
            try whole.checkAgreement(part, file, with: firstFile)
        }
        if whole.window != nil {
            for (part, file) in parts.dropFirst() { try whole.join(part, file) }
        } else {
            try checkDistinct(parts)
            whole = try joined(parts)
        }
        let unread = whole.window == nil ? [] : whole.shards.indices.filter { whole.shards[$0].below == nil }
        if !isPartial, let missing = whole.missingText(unread: unread) {
            throw .input(
                firstFile, missing, remedy: "name the parts of all shards, or pass --partial to merge more later")
        }
        return whole.isComplete ? whole.narrowed ?? whole : whole
    }

    private func missingText(unread: [Int]) -> String? {
        if let missing = missingShardsText {
            return "\(missing.text) of \(shardTotal) \(missing.count == 1 ? "is" : "are") missing"
        }
        guard let first = unread.first else { return nil }
        let more = unread.count > 1 ? " and \(unread.count - 1) more were" : " was"
        return "\(name(of: first))\(more) not read in the second round"
    }

    /// The shards that are not in it, the first few by number, where they have numbers; nil where all are.
    var missingShardsText: (text: String, count: Int)? {
        let count = shardTotal == 0 ? 0 : shardTotal - shards.count
        guard count > 0 else { return nil }
        let listedCount = 10
        let there = Set(shards.map(\.number))
        let listed = (1...shardTotal).lazy.filter { !there.contains($0) }.prefix(listedCount).map(String.init)
        let more = count > listedCount ? " and \(count - listedCount) more" : ""
        return ("\(count == 1 ? "shard" : "shards") \(listed.joined(separator: ", "))\(more)", count)
    }

    /// Throws where another part is not of the same dataset and round.
    private func checkAgreement(_ other: ThresholdPart, _ file: String, with name: String) throws(AuditError) {
        guard other.classCount == classCount else {
            throw .input(
                file, "has \(other.classCount) classes where \(printable(name)) has \(classCount)",
                remedy: "merge parts of one dataset")
        }
        if let difference = other.options.difference(from: options, named: printable(name)) {
            throw .input(file, "was made with \(difference)", remedy: "make all parts with the same options")
        }
        guard (other.cells == nil) == (cells == nil) else {
            let (without, with) = other.cells == nil ? (file, name) : (name, file)
            throw .input(
                without, "has no counts for --filter-by calibrated, \(printable(with)) has them",
                remedy: "make all parts with --filter-by calibrated, or none")
        }
        guard other.shardTotal == shardTotal else {
            func text(_ total: Int) -> String {
                total == 0 ? "shards without numbers" : "shards numbered up to \(total)"
            }
            throw .input(
                file, "has \(text(other.shardTotal)) where \(printable(name)) has \(text(shardTotal))",
                remedy: "give all parts a --shard of one count, or none")
        }
        guard (other.window == nil) == (window == nil) else {
            throw .input(
                file, "is of the \(other.window == nil ? "first" : "second") round, \(printable(name)) of the other",
                remedy: "merge parts of one round")
        }
        guard window == nil || isSameRound(other) else {
            throw .input(
                file, "is of a second round with other thresholds or shards than \(printable(name))",
                remedy: "merge parts that were made with the same --thresholds")
        }
    }

    /// Whether another second round started from the same merged part.
    private func isSameRound(_ other: ThresholdPart) -> Bool {
        func identity(_ part: ThresholdPart) -> [Shard] {
            part.shards.map {
                var shard = $0
                shard.below = nil
                return shard
            }
        }
        return window == other.window && totals == other.totals && labelCounts == other.labelCounts
            && cells == other.cells
            && identity(self) == identity(other)
    }

    /// Adds what another part of the same second round has.
    private mutating func join(_ other: ThresholdPart, _ file: String) throws(AuditError) {
        for index in shards.indices where shards[index].pixelCount > 0 {
            guard let below = other.shards[index].below else { continue }
            guard shards[index].below == nil else {
                throw .input(file, "\(name(of: index)) is in an earlier part too", remedy: "name every part once")
            }
            shards[index].below = below
            candidates[index] = other.candidates[index]
        }
        rank += other.rank
        guard UInt64(rank) <= Self.pixelLimit else { throw .input(file, "takes more pixels than there are") }
    }

    private static func checkDistinct(_ parts: [Named]) throws(AuditError) {
        var digests: [InputDigest: String] = [:]
        var numbers: [Int: String] = [:]
        for (part, file) in parts {
            for shard in part.shards {
                // Shards without pixels are all alike, and twice nothing is nothing.
                let other = shard.pixelCount > 0 ? digests.updateValue(file, forKey: shard.digest) : nil
                let numbered = shard.number > 0 ? numbers.updateValue(file, forKey: shard.number) : nil
                guard let name = other ?? numbered else { continue }
                let what =
                    other == nil
                    ? "shard \(shard.number) of \(part.shardTotal)"
                    : shard.number > 0 ? "the data of shard \(shard.number)" : "the data of one of its shards"
                throw .input(file, "\(what) is in \(printable(name)) too", remedy: "name every part once")
            }
        }
    }

    /// The sums of parts of a first round.
    private static func joined(_ parts: [Named]) throws(AuditError) -> ThresholdPart {
        var whole = parts[0].part
        whole.isExact = parts.allSatisfy(\.part.isExact)
        var pixels = whole.shards.reduce(0) { $0 + $1.pixelCount }
        var images = whole.shards.reduce(0) { $0 + $1.imageCount }
        for (part, file) in parts.dropFirst() {
            pixels += part.shards.reduce(0) { $0 + $1.pixelCount }
            images += part.shards.reduce(0) { $0 + $1.imageCount }
            guard UInt64(max(pixels, images)) <= pixelLimit else {
                throw .input(file, "together with the parts before it has more than 2^48 pixels or images")
            }
            guard whole.shards.count + part.shards.count <= ThresholdPlan.shardLimit else {
                throw .input(file, "together with the parts before it has more than \(ThresholdPlan.shardLimit) shards")
            }
            whole.totals.merge(part.totals)
            for label in 0..<whole.classCount { whole.labelCounts[label] += part.labelCounts[label] }
            if let cells = part.cells { whole.cells?.merge(cells) }
            whole.shards += part.shards
        }
        whole.contested = (0..<whole.classCount).map { label in KeyCounts.merged(parts.map { $0.part.contested[label] })
        }
        let lists = parts.flatMap(\.part.candidates)
        whole.candidates = whole.isExact ? lists : [KeyCounts.merged(lists)]
        let order = whole.shards.indices.sorted { (whole.shards[$0].number, $0) < (whole.shards[$1].number, $1) }
        whole.shards = order.map { whole.shards[$0] }
        if whole.isExact { whole.candidates = order.map { whole.candidates[$0] } }
        return whole
    }
}
