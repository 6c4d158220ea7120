import Foundation
import NumPyFiles
import TestSupport
import Testing

/// Files that the tool reads back, damaged in every way that a random choice finds: one line or a result, never a crash.
///
/// `make fuzz` runs this for longer: MASKLINT_FUZZ names the kind of file, MASKLINT_FUZZ_SECONDS how long, and
/// MASKLINT_FUZZ_FOLDER where the file that is read now lies. If the process ends there, that file is what ended it.
@Suite struct ReadBackTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test("good files are read", arguments: ReadBack.allCases)
    func good(kind: ReadBack) throws {
        let folder = try ReadBackFolder()
        for seed in kind.seeds { try folder.read(folder.folder(seed), as: kind) }
    }

    /// Files that once found something: `KIND.NAME`.
    static let kept = ((try? fileNames(inFolder: fixturesPath + "/readback")) ?? []).compactMap(\.text)
        .filter { $0 != "README.md" }

    @Test("a file that once found something is read or refused in one line", arguments: kept)
    func regression(name: String) throws {
        let kind = try #require(ReadBack(rawValue: String(name.prefix { $0 != "." })))
        try check(ReadBackFolder(), fixturesPath + "/readback/" + name, as: kind)
    }

    @Test("a file with random damage is read or refused in one line", arguments: ReadBack.allCases)
    func damaged(kind: ReadBack) throws {
        let folder = try ReadBackFolder()
        var random = SplitMix(seed: 7)
        try run(kind, in: folder, folder.folder("damaged"), &random, while: { $0 < 60 })
    }

    @Test("for as long as make fuzz asks", .enabled(if: environment["MASKLINT_FUZZ"] != nil, "make fuzz was not asked"))
    func long() throws {
        let kind = try #require(ReadBack(rawValue: Self.environment["MASKLINT_FUZZ"] ?? ""))
        let seconds = try #require(Double(Self.environment["MASKLINT_FUZZ_SECONDS"] ?? "10"))
        let path = (Self.environment["MASKLINT_FUZZ_FOLDER"] ?? ".") + "/\(kind.rawValue).input"
        let seed = UInt64(Date().timeIntervalSince1970)
        var random = SplitMix(seed: seed)
        let end = Date().addingTimeInterval(seconds)
        let count = try run(kind, in: ReadBackFolder(), path, &random, while: { _ in Date() < end })
        print("fuzz: \(kind.rawValue): \(count) inputs, seed \(seed)")
        try FileManager.default.removeItem(atPath: path)
    }

    /// Reads damaged copies of good files one after another, from the same place; gives how many.
    @discardableResult
    private func run(
        _ kind: ReadBack, in folder: ReadBackFolder, _ path: String, _ random: inout SplitMix,
        while goesOn: (Int) -> Bool
    ) throws -> Int {
        let seeds = try kind.seeds.map { try Damage(folder.folder.read($0), isArchive: kind.isArchive) }
        var count = 0
        while goesOn(count) {
            try Data(seeds[random.below(seeds.count)].damaged(&random)).write(to: URL(fileURLWithPath: path))
            check(folder, path, as: kind)
            count += 1
        }
        return count
    }

    private func check(_ folder: ReadBackFolder, _ path: String, as kind: ReadBack) {
        do {
            try folder.read(path, as: kind)
        } catch {
            let line = "\(error)"
            #expect(!line.contains("\n") && !line.contains("internal error"), "\(line)")
        }
    }
}

extension ReadBack {
    fileprivate var isArchive: Bool { [.part, .records, .masks].contains(self) }
}

/// A good file, and copies of it with something changed.
private struct Damage {
    private let bytes: [UInt8]
    /// Arrays of an archive, whose checksums are made to fit again.
    private var members: [(key: String, descr: String, shape: [Int], data: [UInt8])] = []

    init(_ bytes: [UInt8], isArchive: Bool) throws {
        self.bytes = bytes
        guard isArchive else { return }
        let folder = try TemporaryFolder()
        let file = try ArrayFile(path: folder.write(bytes, to: "archive"))
        for entry in file.arrays {
            let stream = try file.stream(entry)
            var data: [UInt8] = []
            try stream.read(count: stream.header.byteCount, into: &data)
            members.append((entry.key, stream.header.dtype.descr, stream.header.shape, data))
        }
    }

    func damaged(_ random: inout SplitMix) -> [UInt8] {
        guard !members.isEmpty && random.below(8) > 0 else { return text(bytes, &random) }
        var members = members
        for _ in 0...random.below(2) { change(&members[random.below(members.count)], &random) }
        if random.below(20) == 0 { members.remove(at: random.below(members.count)) }
        return npz(members.map { ($0.key, npy(header: npyDict($0.descr, $0.shape) + "\n", data: $0.data)) })
    }

    /// Numbers at which something overflows or ends.
    private static let words: [UInt64] = [
        0, 1, 2, 255, 256, 65_535, 65_536, 1 << 31, 1 << 32, 1 << 47, 1 << 48, 1 << 52, 1 << 62, UInt64(Int64.max),
        1 << 63, UInt64(Int64.max) - 1, .max, .max - 1, Double.nan.bitPattern, Double.infinity.bitPattern,
        (-Double.infinity).bitPattern, Double.greatestFiniteMagnitude.bitPattern, (-1.0).bitPattern, (0.5).bitPattern,
    ]

    private func change(
        _ member: inout (key: String, descr: String, shape: [Int], data: [UInt8]), _ random: inout SplitMix
    ) {
        let size = member.data.count / max(1, member.shape.reduce(1, *))
        switch random.below(4) {
        case 0 where !member.data.isEmpty:
            member.data[random.below(member.data.count)] = UInt8(truncatingIfNeeded: random.next())
        case 1 where member.data.count >= 8:
            let place = random.below(member.data.count / 8) * 8
            let word = Self.words[random.below(Self.words.count)]
            for byte in 0..<8 { member.data[place + byte] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(byte))) }
        case 2 where !member.shape.isEmpty:
            let row = member.data.count / max(1, member.shape[0])
            member.shape[0] = random.below(member.shape[0] + 3)
            let old = member.data
            member.data = (0..<member.shape[0] * row).map { old.isEmpty ? 0 : old[$0 % old.count] }
        default:
            member.shape = [0, 1 << 40, 3].shuffled(using: &random)
            member.data = []
            if size > 0 && random.below(2) == 0 { member.descr = ["<i8", "<f8", "|u1", "|b1", "<u2"][random.below(5)] }
        }
    }

    private static let texts = [
        "0", "-1", "1.5", "1e308", "1e400", "-0", "9223372036854775807", "9223372036854775808", "9007199254740993",
        "null",
        "true", "\"\"", "[]", "{}", "[", "{", "\"", ",", ":", "\\u0000", "\\ud800", "\n", "\r", ";", "\t", "NaN", "@",
        "x",
    ]

    /// Bytes exchanged, taken out, doubled or replaced by what may matter to a reader of text.
    private func text(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.below(3) where !bytes.isEmpty {
            let place = random.below(bytes.count)
            let end = min(bytes.count, place + random.below(12))
            switch random.below(5) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
            case 3: bytes.replaceSubrange(place..<end, with: Self.texts[random.below(Self.texts.count)].utf8)
            default:
                // A whole number in place of another.
                func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
                let first = bytes[place...].firstIndex(where: isDigit) ?? place
                let last = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
                bytes.replaceSubrange(first..<last, with: Self.texts[random.below(Self.texts.count)].utf8)
            }
        }
        return bytes
    }
}
