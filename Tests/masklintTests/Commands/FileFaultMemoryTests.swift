import Foundation
import NumPyFiles
import TestSupport
import Testing

/// Files whose claims are far beyond what they hold, read under a limit of memory.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["MASKLINT_SANITIZER"] == nil,
        "a sanitizer's own memory is beyond the limit"))
struct FileFaultMemoryTests {
    /// A run over the sample takes some 18 MiB; 64 MiB above that is what any file may cost.
    static let limitKilobytes = (16 + 64) * 1024

    static let labels = npy(header: npyDict("|u1", [1, 2, 3]), data: [0, 1, 0, 1, 0, 1])

    struct Claim: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        var size: Int?
        var status: Int32 = 2
        let words: String

        init(_ description: String, _ bytes: [UInt8], size: Int? = nil, status: Int32 = 2, _ words: String) {
            (testDescription, self.bytes, self.size, self.status, self.words) = (
                description, bytes, size, status, words
            )
        }

        init(_ description: String, _ member: ZipMember, status: Int32 = 2, _ words: String) {
            self.init(description, ZipBuilder([member]).bytes, status: status, words)
        }
    }

    static let tail = 40 << 20
    static let bomb = ZipMember("labels.npy", labels, method: 8)
        .with(\.stored, deflatedZeros(after: labels, count: tail)).with(\.size, UInt64(labels.count + tail))
        .with(\.crc, crc32(slowCRC32(labels), thenZeros: tail))
    static let wide = npy(header: npyDict("|u1", [1, 1 << 10, tail >> 10]))

    @Test(
        "no claim of a file takes memory that the file does not back",
        arguments: [
            Claim(
                "header of 4 GiB", npy(header: "{}", version: (2, 0), statedLength: 0xFFFF_FFFF),
                "ends within its NPY header"),
            Claim(
                "header of 2 GiB that is there", npy(header: "{}", version: (2, 0), statedLength: 1 << 31),
                size: 3 << 30, "at most 10000 are read"),
            Claim(
                "shape of 10^12", npy(header: npyDict("|u1", [1, 1_000_000, 1_000_000])),
                "its shape (1, 1000000, 1000000) needs 1000000000000"),
            Claim(
                "shape of 2^62", npy(header: npyDict("|u1", [1, 1 << 31, 1 << 31])),
                "its shape (1, 2147483648, 2147483648) needs 4611686018427387904"),
            Claim("shape past 2^63", npy(header: npyDict("|u1", [1 << 40, 1 << 40, 1])), "shape is too large"),
            Claim(
                "one member of 1 TiB",
                ZipMember("labels.npy", labels, method: 8).with(\.isZip64, true).with(\.size, 1 << 40), "sizes disagree"
            ),
            Claim(
                "one stored member of 1 TiB",
                ZipMember("labels.npy", labels).with(\.isZip64, true).with(\.size, 1 << 40).with(
                    \.compressedSize, 1 << 40), "do not fit"),
            Claim(
                "shape of 10^12 in a member",
                ZipMember("labels.npy", npy(header: npyDict("|u1", [1, 1_000_000, 1_000_000])), method: 8),
                "its shape (1, 1000000, 1000000) needs 1000000000000"),
            Claim(
                "2^60 members", ZipBuilder([bomb]).with(\.hasZip64End, true).with(\.statedCount, 1 << 60).bytes,
                "the end record says 1152921504606846976"),
            Claim(
                "directory of 2^62 bytes",
                ZipBuilder([bomb]).with(\.hasZip64End, true).with(\.statedDirectorySize, 1 << 62).bytes,
                "central directory would end at byte"),
            Claim("40 MiB after the array", bomb, status: 0, "labels[labels.npy]: 41943040 bytes after the array"),
            Claim(
                "40 MiB of array",
                bomb.with(\.data, wide).with(\.stored, deflatedZeros(after: wide, count: tail)).with(
                    \.size, UInt64(wide.count + tail)
                ).with(\.crc, nil), "(1, 1024, 40960)"),
            Claim(
                "2^40 images without pixels", npy(header: npyDict("|u1", [1 << 40, 0, 5])),
                "shape (1099511627776, 0, 5) has more than 1048576 images without pixels"),
            Claim(
                "2^30 images of one pixel, all holes", npy(header: npyDict("|u1", [1 << 30, 1, 1])),
                size: (1 << 30) + 128,
                "shape (1073741824, 1, 1) has more than 16777216 images"),
            Claim(
                "64 GiB of holes", npy(header: npyDict("|u1", [1, 1 << 18, 1 << 18])), size: 65 << 30,
                "(1, 262144, 262144)"),
        ])
    func claims(claim: Claim) throws {
        let folder = try TemporaryFolder()
        let labels = try folder.write(claim.bytes, to: "labels")
        if let size = claim.size { try setSize(of: labels, to: size) }
        let probabilities = (0..<12).flatMap { _ in little(Float(0.5).bitPattern, 4) }
        let predProbs = try folder.write(
            npy(header: npyDict("<f4", [1, 2, 2, 3]), data: probabilities), to: "pred_probs.npy")
        let result = try Tool.run(
            ["find", "-l", labels, "-p", predProbs, "-o", folder("issues.npz")],
            before: "ulimit -d \(Self.limitKilobytes)")
        #expect(result.status == claim.status, "\(result.errors)")
        #expect(result.errorLines.count == 1)
        #expect(result.errors.contains(claim.words), "\(result.errors)")
        #expect(try folder.names.count == (claim.status == 0 ? 3 : 2))
    }

    /// A part, with an array that takes a thousand times its bytes.
    @Test("an array of a part that its file does not back is not read", arguments: ["shards", "contested_values"])
    func partBomb(key: String) throws {
        let folder = try TemporaryFolder()
        let labels = try folder.write(Self.labels, to: "labels.npy")
        let probabilities = (0..<12).flatMap { _ in little(Float(0.5).bitPattern, 4) }
        let predProbs = try folder.write(npy(header: npyDict("<f4", [1, 2, 2, 3]), data: probabilities), to: "p.npy")
        let made = try Tool.run(["thresholds", "-l", labels, "-p", predProbs, "-o", folder("part.npz"), "-q"])
        #expect(made.status == 0, "\(made.errors)")
        let file = try ArrayFile(path: folder("part.npz"))
        let count = 20 << 20
        let members = try file.arrays.map { entry -> ZipMember in
            let stream = try file.stream(entry)
            guard entry.key != key else {
                let shape = key == "shards" ? [count / 5, 5] : [count]
                let head = npy(header: npyDict(stream.header.dtype.descr, shape))
                return ZipMember("\(key).npy", head, method: 8)
                    .with(\.stored, deflatedZeros(after: head, count: 8 * count))
                    .with(\.size, UInt64(head.count + 8 * count)).with(
                        \.crc, crc32(slowCRC32(head), thenZeros: 8 * count))
            }
            var data: [UInt8] = []
            try stream.read(count: stream.header.byteCount, into: &data)
            return ZipMember(
                "\(entry.key).npy", npy(header: npyDict(stream.header.dtype.descr, stream.header.shape), data: data))
        }
        try folder.write(ZipBuilder(members).bytes, to: "bad.npz")
        let result = try Tool.run(
            ["merge", folder("bad.npz"), "-o", folder("m.npz")], before: "ulimit -d \(Self.limitKilobytes)")
        #expect(result.status == 2)
        #expect(result.errorLines.count == 1)
        #expect(
            result.errors.contains("bad.npz[\(key).npy]: has \(count) elements in")
                && result.errors.contains("are read; make the file again")
                || result.errors.contains("bad.npz[\(key).npy]: is not what masklint writes"), "\(result.errors)")
    }

    @Test("an image that memory cannot hold is told in a line")
    func noMemory() throws {
        let folder = try TemporaryFolder()
        // Through a pipe, so that it is neither mapped nor left in its file: 128 MiB of labels.
        let side = 1 << 12
        try folder.write(npy(header: npyDict("|u1", [8, side, side])), to: "labels.npy")
        try setSize(of: folder("labels.npy"), to: 128 + 8 * side * side)
        let pred = try folder.write(npy(header: npyDict("<f4", [8, 2, side, side])), to: "p.npy")
        try setSize(of: pred, to: 128 + 8 * 2 * side * side * 4)
        let result = try Tool.run(
            ["find", "-l", folder("labels.npy"), "-p", "-", "-o", folder("issues.npz"), "--threads", "1"],
            before: "ulimit -d \(Self.limitKilobytes)", input: pred)
        #expect(result.status == 2)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.contains("standard input: not enough memory or address space"), "\(result.errors)")
        #expect(try folder.names == ["labels.npy", "p.npy"])
    }

    @Test("a file that the address space cannot hold is streamed")
    func noAddressSpace() throws {
        let folder = try TemporaryFolder()
        // All zeros are no probabilities, which the first pixel shows.
        let labels = try folder.write(npy(header: npyDict("|u1", [1 << 12, 1 << 8, 1 << 8])), to: "labels.npy")
        let predProbs = try folder.write(
            npy(header: npyDict("<f4", [1 << 12, 2, 1 << 8, 1 << 8])), to: "pred_probs.npy")
        try setSize(of: labels, to: 1 << 29)
        try setSize(of: predProbs, to: 1 << 32)
        let result = try Tool.run(
            ["find", "-l", labels, "-p", predProbs, "-o", folder("issues.npz")], before: "ulimit -v \(1 << 21)")
        #expect(result.status == 2)
        #expect(
            result.errors.contains("\(predProbs): no prediction at image 0 row 0 column 0"),
            "\(result.errors)")
    }
}
