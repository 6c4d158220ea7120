public import HostSystem
import Locking
import NumPyFiles

/// The files of a run, each with what it is to the run. From that follows that no output is an input or another output, that
/// no input changed while it was read, and that all outputs appear or none.
///
/// Files are told apart by what they are, whatever path leads to them.
public final class RunFiles: Sendable {
    private struct Output {
        var path: String
        var option: String
    }

    private struct State {
        /// As they were when the run began to read them.
        var inputs: [FilePlace: (path: String, stamp: FileStamp)] = [:]
        var outputs: [FilePlace: Output] = [:]
        var depth = 0
    }

    private let state = Mutex(State())
    /// Outputs that are written and have not appeared.
    let finished: OutputSet

    /// - Parameter isSynced: whether outputs are waited for until they are on the disk.
    public init(isSynced: Bool = true) { finished = OutputSet(isSynced: isSynced) }

    /// Notes files that the run is about to read; nil and `-` are none.
    ///
    /// **Errors.** A file that the run writes.
    public func read(_ paths: String?...) throws(AuditError) {
        for path in paths {
            guard let path, path != "-", let stamp = FileStamp(path: path) else { continue }
            try read(path, stamp)
        }
    }

    /// Notes a file that is read, as it was when it was opened.
    func read(_ path: String, _ stamp: FileStamp) throws(AuditError) {
        guard stamp.isRegular else { return }
        let place = FilePlace(stamp)
        let output = state.withLock { state in
            if state.inputs[place] == nil { state.inputs[place] = (path, stamp) }
            return state.outputs[place]
        }
        if let output { throw Self.isInput(output) }
    }

    /// Notes a file that the run writes; nil and `-`, which is standard output, are none.
    ///
    /// - Parameters:
    ///   - option: the option that names the file.
    ///   - example: a name that a message suggests to whoever named a folder.
    ///
    /// **Errors.** A folder, a file that the run reads, a file of another option.
    public func write(_ path: String?, option: String, example: String? = nil) throws(AuditError) {
        guard let path, path != "-" else { return }
        let kind = pathKind(path)
        guard kind != .folder else {
            throw .input(
                path, "is a directory",
                remedy: "name a file to write" + (example.map { ", such as \(path)/\($0)" } ?? ""))
        }
        // A device or a pipe may take several.
        guard kind != .other else { return }
        let output = Output(path: path, option: option)
        let place = FilePlace(path: path)
        let (isInput, other) = state.withLock { state in
            let other = state.outputs[place]
            if other == nil { state.outputs[place] = output }
            return (state.inputs[place] != nil, other)
        }
        if isInput { throw Self.isInput(output) }
        if let other, other.option != option || other.path != path {
            throw .input(
                path, "\(other.option) and \(option) name the same file", remedy: "name another file with \(option)")
        }
    }

    private static func isInput(_ output: Output) -> AuditError {
        .input(output.path, "the output is also an input", remedy: "name another file with \(output.option)")
    }

    /// A text file among the outputs, made at once, so that a folder that is not there is told before the work.
    public func textFile(_ path: String, option: String, example: String? = nil) throws(AuditError) -> AtomicTextFile {
        try write(path, option: option, example: example)
        return try AuditError.wrapping(try AtomicTextFile(path: path, in: finished))
    }

    /// A file of some bytes among the outputs.
    public func file(_ bytes: [UInt8], _ path: String, option: String) throws(AuditError) {
        try write(path, option: option)
        try AuditError.wrapping(try finished.add(bytes, path: path))
    }

    /// A folder for outputs, made unless it is there.
    public func folder(_ path: String, option: String) throws(AuditError) {
        if pathKind(path) == .file {
            throw .input(path, "is a file, a folder is needed", remedy: "name a folder with \(option)")
        }
        try AuditError.wrapping(try finished.makeFolder(path: path))
    }

    /// Runs work that reads inputs and writes outputs, and lets the outputs appear once it is done; then runs `tell`. Where
    /// anything fails, all outputs are as they were before.
    ///
    /// Work within such work, as of a run that a command is made of, waits for the outer one.
    /// **Errors.** Those of the work and of `tell`, an input that changed, an output that cannot be put in its place.
    public func whole<R>(
        _ work: () throws(AuditError) -> R, then tell: (R) throws(AuditError) -> Void = { _ in }
    ) throws(AuditError) -> R {
        state.withLock { $0.depth += 1 }
        defer { leave() }
        let result = try work()
        guard state.withLock({ $0.depth }) == 1 else { return result }
        try checkUnchanged()
        try AuditError.wrapping(try finished.appear())
        do throws(AuditError) {
            try tell(result)
        } catch {
            finished.takeBack()
            throw error
        }
        finished.settle()
        return result
    }

    private func leave() {
        let isOver = state.withLock { state in
            state.depth -= 1
            if state.depth == 0 { state = State() }
            return state.depth == 0
        }
        if isOver { finished.drop() }
    }

    /// Throws where an input is not what it was.
    private func checkUnchanged() throws(AuditError) {
        let inputs = state.withLock { Array($0.inputs.values) }
        for (path, stamp) in inputs.sorted(by: { $0.path < $1.path }) {
            if let fault = stamp.change(of: path) { throw .file(fault) }
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
