import NumPyFiles

/// Tells the inputs of one shard from those of another, whatever their files are called and wherever they lie.
///
/// FNV-1a of 128 bits over each array's dtype, shape, memory order, key in its archive and `ArrayFile.fingerprint`, labels
/// first. Not made to withstand anyone who wants two inputs to look alike.
/// **Source.** http://www.isthe.com/chongo/tech/comp/fnv/
struct InputDigest: Sendable, Hashable {
    var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// **Edge cases.** Of standard input the header alone counts: nothing else is known before it is read.
    /// **Errors.** Files that cannot be read.
    init(_ dataset: Dataset) throws(AuditError) {
        if let kept = dataset.keptDigest {
            self = kept
            return
        }
        for (side, sources) in [("labels", dataset.labels), ("pred_probs", dataset.probabilities)] {
            add(side)
            for source in sources {
                let header = source.header
                add("\(header.dtype.descr) \(header.shapeText) \(header.isFortranOrder) \(source.entry?.key ?? "")")
                guard source.pipe == nil, let entry = source.entry else { continue }
                let file = try source.open()
                for number in try AuditError.wrapping(try file.fingerprint(of: entry)) {
                    add(String(number))
                }
            }
        }
    }

    init(value: UInt128) { self.value = value }

    /// Adds a text and an end that no text holds.
    private mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0xff)
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt128(byte)) &* (1 << 88 + 0x13b)
    }

    /// 32 hexadecimal digits.
    var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
