import Foundation
import Libc
import NumPyFiles
import TestSupport
import Testing

/// One after the other: there is one standard input.
@Suite(.serialized) struct StandardInputTests {
    /// Runs `body` with a pipe in place of standard input, into which `bytes` go in two pieces.
    func withInput(_ bytes: [UInt8], _ body: () throws -> Void) throws {
        let pipe = Pipe()
        let earlier = dup(0)
        dup2(pipe.fileHandleForReading.fileDescriptor, 0)
        defer {
            dup2(earlier, 0)
            close(earlier)
        }
        let writer = pipe.fileHandleForWriting
        let thread = Thread {
            try? writer.write(contentsOf: Data(bytes[..<(bytes.count / 2)]))
            usleep(1000)
            try? writer.write(contentsOf: Data(bytes[(bytes.count / 2)...]))
            try? writer.close()
        }
        thread.start()
        try body()
    }

    @Test("an array is read from a pipe, and bytes after it are counted")
    func whole() throws {
        // More than a pipe holds at once.
        let size = 200_000
        try withInput(countingNPY([2, size / 2]) + [1, 2, 3]) {
            let stream = try ArrayStream.standardInput()
            #expect(stream.name == "standard input")
            #expect(stream.header.shape == [2, size / 2])
            var buffer: [UInt8] = []
            try stream.read(count: size, into: &buffer)
            #expect(buffer == (0..<size).map { UInt8(truncatingIfNeeded: $0) })
            #expect(try stream.finish() == 3)
        }
    }

    @Test(
        "an array that is cut says how much came",
        arguments: [
            (0, "is empty"), (5, "ends within its NPY header: 5 bytes"), (50, "ends within its NPY header: 50 bytes"),
            (countingNPY([10]).count - 3, "7 of 10 bytes"),
        ])
    func cut(count: Int, words: String) throws {
        try withInput(Array(countingNPY([10])[..<count])) {
            let found = error { () throws(ArrayFileError) in
                let stream = try ArrayStream.standardInput()
                var buffer: [UInt8] = []
                try stream.read(count: 10, into: &buffer)
            }
            let text = try #require(found).description
            #expect(text.hasPrefix("standard input: "))
            #expect(text.contains(words), "\(text)")
        }
    }

    @Test("a claim of more than comes takes no memory for it")
    func claim() throws {
        try withInput(npy(header: npyDict("|u1", [1 << 50]), data: [1, 2, 3])) {
            let stream = try ArrayStream.standardInput()
            var buffer: [UInt8] = []
            #expect(code { () throws(ArrayFileError) in try stream.read(count: 1 << 50, into: &buffer) } == .endsEarly)
            #expect(buffer.capacity < 4 << 20)
        }
    }
}
