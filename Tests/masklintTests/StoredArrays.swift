import NumPyFiles
import TestSupport
import Testing

extension TemporaryFolder {
    /// The bytes of an array in an archive that the program wrote.
    func array(_ key: String, in name: String) throws -> [UInt8] {
        let file = try ArrayFile(path: self(name))
        let entry = try #require(file.arrays.first { $0.key == key })
        let stream = try file.stream(entry)
        var bytes: [UInt8] = []
        try stream.read(count: stream.header.byteCount, into: &bytes)
        _ = try stream.finish()
        return bytes
    }
}
