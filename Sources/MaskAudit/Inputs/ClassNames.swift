extension Dataset {
    /// The class names in the file that the plan names, made printable, class 0 first; nil where it names none.
    ///
    /// A name a line, or JSON: a list, or an object from number to name, which may stand as `id2label` in an object of
    /// other things, such as a model's config.json. Blanks and quotes at the ends of a name are dropped.
    /// **Errors.** Another number of names than classes, a class without a name, and a file that cannot be read as text.
    func classNames(_ plan: DatasetPlan) throws(AuditError) -> [String]? {
        guard let path = plan.classNamesFile else { return nil }
        let lines = try textLines(path)
        let start = lines.lazy.flatMap { $0 }.first { !$0.isWhitespace && $0 != "\u{feff}" }
        let isJSON = path.lowercased().hasSuffix(".json") || start == "{" || start == "[" && lines.count != classCount
        let names = isJSON ? try namesInJSON(path) : lines
        guard names.count == classCount else {
            throw .input(
                path, "\(names.count) class names for \(classCount) classes",
                remedy: isJSON ? "name the classes 0 to \(classCount - 1)" : "write one name a line, class 0 first")
        }
        return names.map { printable(trimmed($0)) }
    }

    private func namesInJSON(_ path: String) throws(AuditError) -> [String] {
        let file = try JSONValue(path: path)
        let value = file["id2label"] ?? file
        switch value {
        case .array(let elements):
            var names: [String] = []
            for (number, element) in elements.enumerated() {
                guard let name = element.string else {
                    throw .input(path, "class \(number) is \(element.kind), a name in quotes is needed")
                }
                names.append(name)
            }
            return names
        case .object(let pairs):
            var names: [Int: String] = [:]
            for pair in pairs {
                guard let number = Int(pair.key), let name = pair.value.string else {
                    throw .input(
                        path, "the key \(quoted(pair.key)) with \(pair.value.kind) is no class number with its name",
                        remedy: "write an object such as {\"0\": \"road\", \"1\": \"car\"}, or a list of names")
                }
                names[number] = name
            }
            if let missing = (0..<pairs.count).first(where: { names[$0] == nil }) {
                throw .input(path, "class \(missing) has no name", remedy: "name every class, from 0 on")
            }
            return (0..<pairs.count).compactMap { names[$0] }
        default:
            throw .input(path, "holds \(value.kind), a list of names is needed, or an object from number to name")
        }
    }
}
