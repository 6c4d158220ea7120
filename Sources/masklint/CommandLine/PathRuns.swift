/// Runs of paths after `--labels` and the like, joined into one argument before the command line is parsed.
///
/// The argument parser's time grows with the square of the number of values: 10,000 files from a shell's `*.npy` would
/// take it a quarter of a minute. NUL joins them, which no argument can hold.
enum PathRuns {
    private static let options: Set<String> = ["-l", "--labels", "-p", "--pred-probs"]
    /// Shorter runs are left alone, so that messages about ordinary command lines show what was typed.
    private static let shortest = 64
    private static let separator: Character = "\0"

    static func joined(_ arguments: [String]) -> [String] {
        var out: [String] = []
        var run: [String] = []
        var isInRun = false
        func close() {
            out += run.count < shortest ? run : [run.joined(separator: String(separator))]
            run = []
        }
        for (index, argument) in arguments.enumerated() {
            if argument == "--" {
                close()
                return out + arguments[index...]
            }
            if argument.hasPrefix("-") && argument != "-" {
                close()
                out.append(argument)
                isInRun = options.contains(argument)
            } else if isInRun {
                run.append(argument)
            } else {
                out.append(argument)
            }
        }
        close()
        return out
    }

    /// Values of a long option, attached to its name: what they begin with does not matter.
    static func attached(_ values: [String], to name: String) -> [String] {
        guard options.contains("--\(name)"), !values.isEmpty else { return values.map { "--\(name)=\($0)" } }
        return ["--\(name)=" + values.joined(separator: String(separator))]
    }

    /// The paths again.
    static func split(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: separator, omittingEmptySubsequences: false).map(String.init) }
    }
}
