import NumPyFiles
import TestSupport
import Testing

/// What tells arrays apart, whatever their files are called.
@Suite struct FingerprintTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func fingerprint(_ bytes: [UInt8], _ name: String) throws -> [UInt64] {
        let file = try ArrayFile(path: try folder.write(bytes, to: name))
        return try file.fingerprint(of: try #require(file.arrays.first))
    }

    @Test("copies under other names are alike")
    func copies() throws {
        let bytes = countingNPY([500, 700])
        #expect(try fingerprint(bytes, "a.npy") == fingerprint(bytes, "b.npy"))
        #expect(try fingerprint(npz([("x", bytes)]), "a.npz") == fingerprint(npz([("x", bytes)]), "b.npz"))
    }

    @Test("any byte of a small file, and the first and last of a large one, count", arguments: [100, 60_000, 350_000])
    func bytes(count: Int) throws {
        let bytes = countingNPY([count])
        let before = try fingerprint(bytes, "a.npy")
        for at in count < 65_000 ? [128, bytes.count / 2, bytes.count - 1] : [128, bytes.count - 1] {
            var changed = bytes
            changed[at] ^= 1
            #expect(try fingerprint(changed, "b.npy") != before, "byte \(at)")
        }
        #expect(try fingerprint(bytes + [0], "c.npy") != before)
    }

    @Test("any byte of a member counts, by the checksum that the archive states")
    func members() throws {
        let bytes = countingNPY([350_000])
        var changed = bytes
        changed[bytes.count / 3] ^= 1
        #expect(try fingerprint(npz([("x", bytes)]), "a.npz") != fingerprint(npz([("x", changed)]), "a.npz"))
    }
}
