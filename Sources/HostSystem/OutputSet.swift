internal import CHostSystem
internal import Libc
internal import Locking

/// Outputs that appear together: all of them, or none.
///
/// An output is added once all of it is written. Dropped before they `appear`, nothing is left of any.
public final class OutputSet: Sendable {
    /// Whether each file and its folder are on the disk before and after the renaming, so that a machine that loses its
    /// power has the old file or the new one.
    private let isSynced: Bool
    private let finished = Mutex<[OutputHandle]>([])
    private let madeFolders = Mutex<[String]>([])

    public init(isSynced: Bool = true) { self.isSynced = isSynced }

    deinit { drop() }

    /// Takes an output that is written to its end.
    ///
    /// **Errors.** A full disk, which some file systems tell only here.
    package func add(_ output: OutputHandle) throws(FileError) {
        try output.finish(isSynced: isSynced)
        finished.withLock { $0.append(output) }
    }

    /// Adds an output to a set, or lets it appear alone.
    package static func add(_ output: OutputHandle, to set: OutputSet?) throws(FileError) {
        if let set { return try set.add(output) }
        let alone = OutputSet()
        try alone.add(output)
        try alone.appear()
        alone.settle()
    }

    /// Adds a file of some bytes.
    public func add(_ bytes: [UInt8], path: String) throws(FileError) {
        let output = try OutputHandle(path: path)
        try output.write(unsafe bytes.span.bytes)
        try add(output)
    }

    /// Makes a folder for outputs unless it is there; it goes again where they do not appear.
    ///
    /// **Errors.** As of `makeFolder(path:)`.
    public func makeFolder(path: String) throws(FileError) {
        if try HostSystem.makeFolder(path: path) { madeFolders.withLock { $0.append(path) } }
    }

    /// Lets all outputs appear. What was there before is kept until `settle()`, and is back where one of them fails.
    ///
    /// Files go first, because what was copied into a pipe cannot be taken back.
    /// **Edge cases.** On a file system without hard links nothing can be kept.
    /// **Errors.** Of renaming and copying.
    public func appear() throws(FileError) {
        let outputs = finished.withLock { $0 }
        do throws(FileError) {
            try replace(outputs.filter { !$0.isCopied })
            for output in outputs where output.isCopied { try output.replace() }
        } catch {
            takeBack()
            throw error
        }
    }

    /// Puts back what was there before the outputs appeared.
    public func takeBack() {
        for output in finished.withLock({ $0 }).reversed() { output.restore() }
    }

    /// Gives up what was kept: the outputs stay.
    public func settle() {
        for output in finished.withLock({ $0 }) { output.settle() }
        finished.withLock { $0 = [] }
        madeFolders.withLock { $0 = [] }
    }

    /// Forgets outputs that were not to appear.
    public func drop() {
        finished.withLock { $0 = [] }
        for folder in madeFolders.withLock({ folders in
            defer { folders = [] }
            return folders
        }) {
            unsafe rmdir(folder)
        }
    }

    private func replace(_ outputs: [OutputHandle]) throws(FileError) {
        do {
            // An interruption finds all of them replaced, or none.
            host_interruption_defer()
            defer { host_interruption_admit() }
            for output in outputs { try output.replace() }
        }
        guard isSynced else { return }
        for output in outputs { try output.syncFolder() }
    }
}
