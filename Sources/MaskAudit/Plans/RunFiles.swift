import HostSystem
import NumPyFiles

/// The files that a run reads and writes, beside the arrays of its dataset.
public struct RunFiles: Sendable {
    private struct Output {
        var path: String
        var option: String
        var example: String?
    }

    private var inputs: [String] = []
    private var outputs: [Output] = []

    public init() {}

    /// Notes files that the run reads.
    public mutating func read(_ paths: String?...) {
        inputs += paths.compactMap { $0 }
    }

    /// Notes a file that the run writes; `-` is standard output and no file.
    ///
    /// - Parameters:
    ///   - option: the option that names the file.
    ///   - example: a name that a message suggests to whoever named a folder.
    public mutating func write(_ path: String?, option: String, example: String?) {
        guard let path, path != "-" else { return }
        outputs.append(Output(path: path, option: option, example: example))
    }

    /// Throws where an output is a folder, or one of the inputs.
    ///
    /// - Parameters:
    ///   - main: the run's own output, checked first.
    ///   - others: further files that the run reads, such as those of the dataset's arrays.
    func check(
        writing main: (path: String?, option: String, example: String?)? = nil, reading others: [String] = []
    ) throws(AuditError) {
        var all = RunFiles()
        if let main { all.write(main.path, option: main.option, example: main.example) }
        for output in all.outputs + outputs {
            guard pathKind(output.path) != .folder else {
                throw .input(
                    output.path, "is a directory",
                    remedy: "name a file to write" + (output.example.map { ", such as \(output.path)/\($0)" } ?? ""))
            }
            guard let identity = FileIdentity(path: output.path) else { continue }
            guard !(others + inputs).contains(where: { FileIdentity(path: $0) == identity }) else {
                throw .input(
                    output.path, "the output is also an input", remedy: "name another file with \(output.option)")
            }
        }
    }
}

/// The folder for temporary files of a run that writes `output`: beside it, where there is room and no surprise.
///
/// Without an output, or with standard output, it is the system's folder for temporary files.
func temporaryFolder(beside output: String?) -> String {
    guard let output, output != "-" else { return temporaryFolder() }
    guard let slash = output.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == output.startIndex ? "/" : String(output[..<slash])
}
