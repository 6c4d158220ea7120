import ConfidentLearning

/// The options that parts of one dataset have in common: what changes the sums. How arrays lie in their files
/// (`--layout`, `--one-hot`) does not, nor does the rule.
struct PartOptions: Sendable, Equatable {
    /// Names as the command line spells them, and values as text.
    private var entries: [(name: String, value: String)]

    init(plan: AuditPlan) {
        let ignored = Set(plan.dataset.ignoredLabels).sorted().map(String.init)
        let mapped = plan.dataset.labelMap.sorted { $0.key < $1.key }.map { from, target in
            if case .label(let to) = target { "\(from)=\(to)" } else { "\(from)=\(LabelMapFile.ignoreWord)" }
        }
        entries = [
            ("--ignore-label", ignored.joined(separator: ",")), ("--map-label", mapped.joined(separator: ",")),
            ("--label-divisor", plan.dataset.labelDivisor == 1 ? "" : String(plan.dataset.labelDivisor)),
            ("--reduce-zero-label", plan.dataset.reducesZeroLabel ? "yes" : ""),
            ("--ignore-unpredicted", plan.dataset.ignoresUnpredicted ? "yes" : ""),
            ("--channel", plan.dataset.channel.map { String($0) } ?? ""),
            ("--downsample", String(plan.rule.downsample)),
            ("--downsample-labels", plan.rule.downsample > 1 ? plan.rule.downsampleLabels.rawValue : ""),
            ("values", Self.text(plan.dataset.form)),
        ]
        if plan.dataset.volumes { entries.append(("--volumes", "yes")) }
        if let upsampling = plan.dataset.upsampling {
            entries.append(("--upsample", upsampling == .corners ? "--align-corners" : "yes"))
        }
    }

    /// Reads back `text`; nil for anything else.
    init?(text: String) {
        entries = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            entries.append((String(parts[0]), String(parts[1])))
        }
        // There are a dozen; of thousands each would be looked up among all.
        guard !entries.isEmpty, entries.count <= 100 else { return nil }
    }

    /// One line per option.
    var text: String { entries.map { "\($0.name) \($0.value)\n" }.joined() }

    static func == (a: Self, b: Self) -> Bool { a.text == b.text }

    private static func text(_ form: ProbabilityForm) -> String {
        switch form {
        case .probabilities: "probabilities"
        case .logits: "--logits"
        case .unnormalized: "--unnormalized"
        case .binary: "--binary"
        case .binaryLogits: "--binary --logits"
        }
    }

    /// The first option in which two differ, as `--downsample 2 where a.npz has 4`; nil where none does.
    func difference(from other: PartOptions, named name: String) -> String? {
        // An option that only one of them has is not set in the other.
        for option in entries.map(\.name) + other.entries.map(\.name) {
            let own = entries.first { $0.name == option }?.value ?? ""
            let given = other.entries.first { $0.name == option }?.value ?? ""
            guard own != given else { continue }
            return "\(printable(option)) \(Self.shown(own)) where \(name) has \(Self.shown(given))"
        }
        return nil
    }

    private static func shown(_ value: String) -> String { value.isEmpty ? "none" : printable(value) }
}
