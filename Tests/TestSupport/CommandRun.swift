import Libc
import Locking

/// What a finished process left.
package struct CommandRun: Sendable {
    /// The exit code, or the number of the signal that ended it, negated.
    package var status: Int32
    package var output: [UInt8]
    package var errors: String

    package var text: String { String(decoding: output, as: UTF8.self) }
    /// Lines of standard error.
    package var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}

package struct SpawnFailure: Error {
    package var program: String
    package var code: Int32
}

/// Runs a program to its end, draining both pipes while it runs: output of any length cannot block it. One that
/// prints nothing for five minutes is killed with all that it started: a busy machine may take its time, a hang never ends.
///
/// Not by Foundation's `Process`, whose children inherit the blocked signals of the thread that starts them.
package func run(_ program: String, _ arguments: [String], folder: String? = nil) throws -> CommandRun {
    // Not every C library's posix_spawn can change the folder; a shell can, and then becomes the program.
    let (process, output, errors) =
        if let folder {
            try spawn("/bin/sh", ["-c", "cd \"$0\" && exec \"$@\"", folder, program] + arguments)
        } else {
            try spawn(program, arguments)
        }
    var drained: [[UInt8]] = [[], []]
    drain([output, errors], into: &drained, process: process)
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return CommandRun(
        status: signal == 0 ? status >> 8 & 0xFF : -signal, output: drained[0],
        errors: String(decoding: drained[1], as: UTF8.self))
}

/// Runs a line of shell in a folder; `arguments` are `$1`, `$2` and so on.
package func shell(_ line: String, _ arguments: [String] = [], folder: String? = nil) throws -> CommandRun {
    try run("/bin/sh", ["-c", line, "sh"] + arguments, folder: folder)
}

private let spawning = Mutex<Void>(())

/// Starts a process in a group of its own, with no signal blocked or ignored; gives the ends of its pipes to read.
private func spawn(
    _ program: String, _ arguments: [String]
) throws -> (process: pid_t, output: Int32, errors: Int32) {
    // One at a time, so that no child inherits another's pipes.
    try spawning.withLock { _ in
        let pipes = [0, 1].map { _ in
            var ends: [Int32] = [-1, -1]
            _ = unsafe pipe(&ends)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return ends
        }
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t? = nil
        var attributes: posix_spawnattr_t? = nil
        #else
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
            for ends in pipes { _ = close(ends[1]) }
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, pipes[0][1], 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 2)
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { unsafe sigaddset(&signals, number) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, program, &actions, &attributes, &words, environ)
        guard code == 0 else {
            for ends in pipes { _ = close(ends[0]) }
            throw SpawnFailure(program: program, code: code)
        }
        return (process, pipes[0][0], pipes[1][0])
    }
}

/// Reads pipes until all are closed.
private func drain(_ pipes: [Int32], into drained: inout [[UInt8]], process: pid_t) {
    var open = Set(pipes.indices)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while !open.isEmpty {
        var waiting = open.sorted().map { pollfd(fd: pipes[$0], events: Int16(POLLIN), revents: 0) }
        if unsafe poll(&waiting, nfds_t(waiting.count), 300_000) == 0 { kill(-process, SIGKILL) }
        for (index, entry) in zip(open.sorted(), waiting) where entry.revents != 0 {
            let count = unsafe read(pipes[index], &buffer, buffer.count)
            if count > 0 { drained[index] += buffer[..<count] }
            if count == 0 || (count < 0 && errno != EINTR) {
                open.remove(index)
                _ = close(pipes[index])
            }
        }
    }
}
