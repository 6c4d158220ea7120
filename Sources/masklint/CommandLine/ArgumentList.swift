import ArgumentParser

/// Values of an option that takes several at once, such as the files of `--labels *.npy`.
///
/// The argument parser's time grows with the square of the number of arguments: 10,000 files take it four seconds. A
/// long list is therefore joined into one argument before the line is parsed, and is split again here. NUL joins the
/// values, as no argument can hold it.
struct ArgumentList: ExpressibleByArgument {
    let values: [String]

    private static let separator: Character = "\0"

    init(argument: String) {
        values = argument.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
    }

    /// One argument that stands for some values.
    static func argument(of values: [String]) -> String { values.joined(separator: String(separator)) }

    /// Shorter lists stay as they are, so that messages about ordinary command lines show what was typed.
    private static let shortestJoined = 64

    /// A command line in which the long lists of values are one argument each.
    ///
    /// - Parameter table: asked for only where the line is long.
    static func joined(_ arguments: [String], table: @autoclosure () -> CommandTable) -> [String] {
        guard arguments.count >= shortestJoined else { return arguments }
        let command = table().command(arguments.first)
        var line: [String] = []
        var list: [String] = []
        var isInList = false
        func endList() {
            line += list.count < shortestJoined ? list : [argument(of: list)]
            list = []
        }
        for (index, argument) in arguments.enumerated() {
            if argument == "--" {
                endList()
                return line + arguments[index...]
            }
            if argument.hasPrefix("-") && argument != "-" {
                endList()
                line.append(argument)
                isInList = command?.option(spelt: argument)?.takesList == true
            } else if isInList {
                list.append(argument)
            } else {
                line.append(argument)
            }
        }
        endList()
        return line
    }
}

extension ArgumentList {
    /// Most arguments that the parser gets: it takes them a second.
    private static let mostArguments = 4096

    /// The same arguments.
    ///
    /// **Errors.** More than the parser can be given, long lists of values being one argument each.
    static func checked(_ arguments: [String]) throws -> [String] {
        guard arguments.count <= mostArguments else {
            throw ValidationError(
                "\(arguments.count) arguments, at most \(mostArguments) are taken. Many labels go into a file that "
                    + "--map-labels names, with ignore for those to leave out.")
        }
        return arguments
    }
}

extension [ArgumentList] {
    /// All values in their order.
    var all: [String] { flatMap(\.values) }
}
