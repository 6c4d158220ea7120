import MaskAudit

/// A command line with the options of its `--config` files in it.
struct ConfigFile {
    /// The command line: as it was without a file.
    private(set) var arguments: [String]
    /// The options that came from a file, and which.
    private(set) var origins: [String: String] = [:]

    /// Keys are long option names without dashes: strings or numbers, arrays of them for what may be repeated, booleans
    /// for flags. An object under the name of a command holds options for that command alone; what a command does not
    /// have, but another has, is left out.
    ///
    /// **Edge cases.** An option of the command line takes the place of the file's with all its values, and so does one
    /// of a later file.
    /// **Errors.** A file that cannot be read or is no JSON, a key that is no option, a value of the wrong kind.
    ///
    /// - Parameter table: asked for only where the line names a file.
    init(_ arguments: [String], table: @autoclosure () -> CommandTable) throws(AuditError) {
        self.arguments = arguments
        guard arguments.contains(where: { $0 == "--config" || $0.hasPrefix("--config=") }) else { return }
        let table = table()
        guard let command = table.command(arguments.first) else { return }
        let named = command.named(in: arguments)
        var entries: [ConfigReader.Entry] = []
        for naming in named where naming.name == "config" {
            let next = arguments[(naming.place + 1)...].first
            // What has no value is the parser's to tell.
            guard let path = naming.value ?? next, naming.value != nil || !path.hasPrefix("-") else { return }
            guard !path.isEmpty else { throw .input(InputFault(file: "--config", finding: "names no file")) }
            for entry in try ConfigReader(path: path, table: table).entries(for: command) {
                entries.removeAll { $0.option.name == entry.option.name }
                entries.append(entry)
                origins[entry.option.name] = path
            }
        }

        // `--no-NAME` is no option of any command: it is taken out here.
        let flags = command.options.filter(\.isFlag).map(\.name)
        let refused = named.filter {
            $0.value == nil && $0.name.hasPrefix("no-") && flags.contains(String($0.name.dropFirst(3)))
        }
        for name in named.map(\.name) + refused.map({ String($0.name.dropFirst(3)) }) { origins[name] = nil }
        let terminator = arguments.firstIndex(of: "--") ?? arguments.endIndex
        let places = Set(refused.map(\.place))
        let line = arguments[..<terminator].enumerated().filter { !places.contains($0.offset) }.map(\.element)
        // Behind the user's own, where no list of paths can take a positional argument for one of its own.
        let added = entries.filter { origins[$0.option.name] != nil }.flatMap(\.arguments)
        self.arguments = line + added + arguments[terminator...]
    }

    /// What the parser says of an option, as a fault of the file where that is where the option is from; else nil.
    func fault(of message: String) -> String? {
        guard let dashes = message.firstRange(of: "--") else { return nil }
        let name = message[dashes.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "-" }
        return origins[String(name)].map {
            "\(printable($0)): " + message.split(whereSeparator: \.isNewline).joined(separator: " ")
        }
    }
}

/// What a configuration file says, checked against the options there are.
private struct ConfigReader {
    struct Entry {
        var option: CommandTable.Option
        /// The option as the command line would have it.
        var arguments: [String]
    }

    let path: String
    let table: CommandTable

    /// The options of a command, those of its own object last.
    func entries(for command: CommandTable.Command) throws(AuditError) -> [Entry] {
        let file = try JSONValue(path: path)
        guard case .object(let pairs) = file else { throw fault("holds \(file.kind), an object of options is needed") }
        var shared: [Entry] = []
        var own: [Entry] = []
        for pair in pairs {
            if let section = table.command(pair.key) {
                guard case .object(let options) = pair.value else {
                    throw fault(
                        "\(quoted(pair.key)) is \(pair.value.kind), an object of options of \(pair.key) is needed")
                }
                for option in options {
                    let entry = try entry(option, of: [section], within: pair.key)
                    if section.name == command.name { own.append(entry) }
                }
            } else {
                let entry = try entry(pair, of: [command] + table.commands, within: nil)
                if command.option(pair.key) != nil { shared.append(entry) }
            }
        }
        let names = Set(own.map(\.option.name))
        return shared.filter { !names.contains($0.option.name) } + own
    }

    private func entry(
        _ pair: JSONValue.Pair, of commands: [CommandTable.Command], within section: String?
    ) throws(AuditError) -> Entry {
        let key = section.map { "\(quoted($0)), \(quoted(pair.key))" } ?? quoted(pair.key)
        let options = commands.flatMap(\.options).filter { !Self.outside.contains($0.name) }
        guard let option = options.first(where: { $0.name == pair.key }) else {
            let near = nearestName(
                to: pair.key, among: options.map(\.name) + (section == nil ? table.commands.map(\.name) : []))
            throw fault(
                "the key \(key) is no option" + (section.map { " of \($0)" } ?? ""),
                remedy: near.map { "did you mean \"\($0)\"?" } ?? "masklint \(commands[0].name) --help lists them")
        }
        if option.isFlag {
            guard case .bool(let isOn) = pair.value else {
                throw fault("\(key) is \(pair.value.kind), true or false is needed")
            }
            return Entry(option: option, arguments: isOn ? ["--\(option.name)"] : [])
        }
        var values: [String] = []
        if case .array(let elements) = pair.value {
            guard option.isRepeating else { throw fault("\(key) is an array, one value is needed") }
            for element in elements { values.append(try text(element, of: option, key: "an element of \(key)")) }
        } else {
            values.append(try text(pair.value, of: option, key: key))
        }
        guard option.takesList || values.count <= Self.mostValues else {
            let isOfLabels = ["ignore-label", "map-label"].contains(option.name)
            throw fault(
                "\(key) has \(values.count) values, at most \(Self.mostValues) are taken",
                remedy: isOfLabels ? "write them to a file that \"map-labels\" names" : nil)
        }
        if option.takesList && !values.isEmpty { values = [ArgumentList.argument(of: values)] }
        // Attached by an equals sign, a value may begin with a dash.
        return Entry(option: option, arguments: values.map { "--\(option.name)=\($0)" })
    }

    /// Most values of an option that the argument parser gets one by one: its time grows with their square.
    private static let mostValues = 1000

    /// What is of the command line alone.
    private static let outside: Set<String> = ["config", "help", "version"]

    private func text(_ value: JSONValue, of option: CommandTable.Option, key: String) throws(AuditError) -> String {
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let number): text = value.integer.map(String.init) ?? "\(number)"
        default: throw fault("\(key) is \(value.kind), a string or number is needed")
        }
        guard !text.utf8.contains(0) else { throw fault("\(key) holds a NUL, which no argument can") }
        if !option.values.isEmpty && !option.values.contains(text) {
            throw fault(
                "\(key) is \(quoted(text)), which is none of \(option.values.joined(separator: ", "))",
                remedy: nearestName(to: text, among: option.values).map { "did you mean \"\($0)\"?" })
        }
        return option.isPath ? resolved(text) : text
    }

    /// A path as seen from the file's folder.
    private func resolved(_ text: String) -> String {
        guard !text.isEmpty, text != "-", !text.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return text }
        return path[...slash] + text
    }

    private func quoted(_ text: String) -> String { "\"\(printable(text))\"" }

    private func fault(_ finding: String, remedy: String? = nil) -> AuditError {
        .input(InputFault(file: printable(path), finding: finding, remedy: remedy))
    }
}
