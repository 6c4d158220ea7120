import NumPyFiles

/// Reads the table of `--map-labels`: what each label value is replaced by.
///
/// A CSV of two columns, `from,to`, with or without a heading, or a JSON object such as `{"7": 0, "4": "ignore"}`. What a
/// value becomes is a label or the word `ignore`.
public enum LabelMapFile {
    /// Stands for labels that are left out, here and in `--map-label 7=ignore`.
    public static let ignoreWord = "ignore"

    /// The target that a text stands for; nil for anything but a whole number and `ignore`.
    public static func target(_ text: some StringProtocol) -> LabelTarget? {
        text.lowercased() == ignoreWord ? .ignored : Int(text).map { .label($0) }
    }

    /// **Errors.** A file that cannot be read, a line or key that is no replacement, a value that stands twice.
    public static func read(_ path: String) throws(AuditError) -> [Int: LabelTarget] {
        let lines = try textLines(path)
        let start = lines.lazy.flatMap { $0 }.first { !$0.isWhitespace }
        let map = start == "{" ? try readObject(path) : try readTable(path, lines)
        guard !map.isEmpty else {
            throw .input(printable(path), "holds no replacements", remedy: "write one a line, as in 7,0 or 4,ignore")
        }
        return map
    }

    private static func readTable(_ path: String, _ lines: [String]) throws(AuditError) -> [Int: LabelTarget] {
        var map: [Int: LabelTarget] = [:]
        var isFirst = true
        for (number, line) in lines.enumerated() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { trimmed(String($0)) }
            guard fields != [""] else { continue }
            defer { isFirst = false }
            let place = "line \(number + 1)"
            guard fields.count == 2 else {
                throw .input(
                    printable(path), "\(place) has \(fields.count) columns, two are needed: from,to",
                    remedy: "keep the column of the labels and that of the classes")
            }
            guard let from = Int(fields[0]) else {
                // A heading.
                if isFirst && target(fields[1]) == nil { continue }
                throw .input(printable(path), "\(place) replaces \(quoted(fields[0])), a label is a whole number")
            }
            guard let target = target(fields[1]) else {
                throw .input(
                    printable(path), "\(place) replaces \(from) by \(quoted(fields[1]))",
                    remedy: "write a label or the word \(ignoreWord)")
            }
            guard map.updateValue(target, forKey: from) == nil else {
                throw .input(
                    printable(path), "\(place) replaces \(from) a second time", remedy: "name every label once")
            }
        }
        return map
    }

    private static func readObject(_ path: String) throws(AuditError) -> [Int: LabelTarget] {
        var map: [Int: LabelTarget] = [:]
        for pair in try JSONValue(path: path).pairs {
            guard let from = Int(pair.key) else {
                throw .input(printable(path), "the key \(quoted(pair.key)) is no label, a whole number is needed")
            }
            guard let target = pair.value.integer.map({ .label($0) }) ?? pair.value.string.flatMap({ target($0) })
            else {
                throw .input(
                    printable(path), "\(from) is replaced by \(pair.value.kind)",
                    remedy: "write a label or the word \"\(ignoreWord)\"")
            }
            guard map.updateValue(target, forKey: from) == nil else {
                throw .input(printable(path), "\(from) is replaced a second time", remedy: "name every label once")
            }
        }
        return map
    }
}
