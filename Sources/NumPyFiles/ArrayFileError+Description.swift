extension ArrayFileError: CustomStringConvertible {
    /// One line: place, what was found, what was needed, what to do.
    public var description: String {
        var place = escapedForTerminal(file)
        if let member { place += "[\(member)]" }
        if let byteOffset { place += " byte \(byteOffset)" }
        let (fault, remedy) = sentence
        return remedy.isEmpty ? "\(place): \(fault)" : "\(place): \(fault); \(remedy)"
    }

    private static let copyAgain = "copy or export it again"

    private var sentence: (fault: String, remedy: String) {
        switch code {
        case .missing, .folder, .notRegularFile, .empty, .permissionDenied, .outOfSpace, .fileSizeLimit, .brokenPipe,
            .system, .outOfMemory,
            .changed, .endsEarly, .internal, .wrongMagic, .torchFile, .textTooLong, .textNotUTF8, .nameTooLong:
            fileSentence
        case .unsupportedVersion, .headerTruncated, .headerTooLong, .headerSyntax, .headerNotDict, .headerNotUTF8,
            .missingHeaderKey, .unexpectedHeaderKey, .repeatedHeaderKey, .unsupportedDType, .objectDType,
            .structuredDType,
            .invalidFortranOrder, .shapeNotTuple, .shapeNotIntegers, .shapeNegative, .shapeTooLarge, .tooManyAxes,
            .dataTruncated:
            headerSentence
        case .noEndRecord, .bytesAfterArchive, .multiDisk, .directoryRange, .entryCount, .entrySignature,
            .entryTruncated,
            .zip64Record, .zip64Extra, .encrypted, .unsupportedMethod, .patched, .localOffset, .localSignature,
            .localName,
            .localMethod, .membersOverlap, .memberRange, .storedSizes, .impossibleSize, .duplicateKey, .deflateCorrupt,
            .deflateEndsEarly, .memberTooLong, .memberTooShort, .bytesAfterDeflate, .checksumMismatch:
            archiveSentence
        }
    }

    private var fileSentence: (fault: String, remedy: String) {
        switch code {
        case .missing:
            text == "create"
                ? ("cannot be created, its folder does not exist", "create the folder first")
                : ("no such file or folder", "check the path")
        case .folder:
            text == "create"
                ? ("is a folder, a file name is needed", "name a file in it")
                : ("is a folder, a file is needed", "name a file in it")
        case .notRegularFile:
            ("is a pipe or device, a regular file is needed", "save it to a file first")
        case .empty:
            ("is empty, an NPY array is needed", Self.copyAgain)
        case .permissionDenied:
            ("cannot \(text): \(systemErrorText(systemError))", "change its permissions or use another path")
        case .outOfSpace:
            ("cannot \(text): \(systemErrorText(systemError))", "free some space or write to another disk")
        case .fileSizeLimit:
            (
                "cannot \(text): \(systemErrorText(systemError))",
                "raise the file size limit (ulimit -f) or write to another disk"
            )
        case .brokenPipe:
            ("the reader of the pipe has gone", "")
        case .system:
            ("cannot \(text): \(systemErrorText(systemError))", "")
        case .outOfMemory:
            ("not enough memory or address space", "raise the limit (ulimit -v) or use fewer threads")
        case .changed:
            found != expected
                ? (
                    "changed while it was read: \(found) bytes now, \(expected) when it was opened",
                    "run again when nothing writes to it"
                )
                : ("changed or was replaced while it was read", "run again when nothing writes to it")
        case .endsEarly:
            ("ends early: \(found) of \(expected) bytes were there to read", Self.copyAgain)
        case .wrongMagic:
            wrongMagicSentence
        case .torchFile:
            ("is a PyTorch file, an NPY or NPZ file is needed", "save the tensor with numpy.save(path, tensor.numpy())")
        case .textTooLong:
            ("is \(found) bytes long, at most \(expected) are read", "check that it is the right file")
        case .textNotUTF8:
            ("is not UTF-8 text", "save it as UTF-8")
        case .nameTooLong:
            ("a member name of \(found) bytes does not fit, ZIP allows \(expected)", "use shorter names")
        default:
            ("internal error (\(text))", "please report it")
        }
    }

    private var wrongMagicSentence: (fault: String, remedy: String) {
        guard let kind = FileKind.named(text) else {
            return ("does not start as an NPY or NPZ file does", "save it with numpy.save or numpy.savez_compressed")
        }
        return ("is \(kind.name), an NPY or NPZ file is needed", kind.remedy)
    }

    private var headerSentence: (fault: String, remedy: String) {
        let saveAgain = "save it again with numpy.save"
        return switch code {
        case .unsupportedVersion:
            ("NPY version \(found / 256).\(found % 256), versions 1.0, 2.0 and 3.0 are known", saveAgain)
        case .headerTruncated:
            ("ends within its NPY header: \(found) bytes, \(expected) are needed", Self.copyAgain)
        case .headerTooLong:
            ("NPY header of \(found) bytes, at most \(expected) are read", saveAgain)
        case .headerSyntax:
            ("NPY header cannot be parsed, \(text) is needed here", saveAgain)
        case .headerNotDict:
            ("NPY header is not a dict", saveAgain)
        case .headerNotUTF8:
            ("NPY header of version 3.0 is not UTF-8", saveAgain)
        case .missingHeaderKey:
            ("NPY header has no key '\(text)'", saveAgain)
        case .unexpectedHeaderKey:
            ("NPY header has the key '\(text)', only 'descr', 'fortran_order' and 'shape' are known", saveAgain)
        case .repeatedHeaderKey:
            ("NPY header has the key '\(text)' twice", saveAgain)
        case .unsupportedDType:
            (
                "dtype '\(text)' is not supported, bool, integers or floats of at most 8 bytes are needed",
                "save it with .astype(\(castTarget))"
            )
        case .objectDType:
            (
                "dtype '\(text)' is object, which needs pickle, plain numbers are needed",
                "save it with .astype('int32') or .astype('float32')"
            )
        case .structuredDType:
            ("dtype \(text) is structured, plain numbers are needed", "save one field of it, as in array['name']")
        case .invalidFortranOrder:
            ("fortran_order is \(text), True or False is needed", saveAgain)
        case .shapeNotTuple:
            ("shape \(text) is not a tuple", saveAgain)
        case .shapeNotIntegers:
            ("shape has '\(text)', whole numbers are needed", saveAgain)
        case .shapeNegative:
            ("shape has the negative length \(text)", saveAgain)
        case .shapeTooLarge:
            ("shape is too large for any file\(text.isEmpty ? "" : " (\(text))")", saveAgain)
        case .tooManyAxes:
            ("shape has more than \(expected) axes", saveAgain)
        default:
            ("holds \(found) bytes of data, its shape \(text) needs \(expected)", Self.copyAgain)
        }
    }

    /// What `astype` should be given in place of a dtype that is not read.
    private var castTarget: String {
        let kind = text.first { !"<>=|".contains($0) }
        return switch kind {
        case "S", "U", "a", "M", "m", "V": "'int32'"
        case "f", "c", "g", "d", "e": "'float32'"
        default: "'int32') or .astype('float32'"
        }
    }

    private var archiveSentence: (fault: String, remedy: String) {
        let saveAgain = "save it again with numpy.savez_compressed"
        return switch code {
        case .noEndRecord: ("archive is cut: no end of central directory record", Self.copyAgain)
        case .bytesAfterArchive: ("\(found) bytes follow the archive's end", Self.copyAgain)
        case .multiDisk: ("is one part of an archive on several disks", "join the parts first")
        case .directoryRange:
            ("central directory would end at byte \(found), the file has room to byte \(expected)", Self.copyAgain)
        case .entryCount: ("central directory has \(found) entries, the end record says \(expected)", Self.copyAgain)
        case .entrySignature: ("no central directory entry where one is needed", Self.copyAgain)
        case .entryTruncated: ("central directory entry is cut", Self.copyAgain)
        case .zip64Record: ("zip64 locator leads to no zip64 end record", Self.copyAgain)
        case .zip64Extra: ("zip64 extra field is missing or too short", saveAgain)
        case .encrypted: ("is encrypted", "save it without a password")
        case .unsupportedMethod:
            ("compression method \(methodText), stored or deflated is needed", "save it with numpy.savez_compressed")
        case .patched: ("holds compressed patch data, which is not supported", saveAgain)
        case .localOffset: ("its local header would lie outside the members' part of the file", Self.copyAgain)
        case .localSignature: ("no local header where the directory says", Self.copyAgain)
        case .localName: ("local header gives another name than the directory", saveAgain)
        case .localMethod: ("local header says compression method \(found), the directory \(expected)", saveAgain)
        case .membersOverlap: ("overlaps another member", saveAgain)
        case .memberRange: ("\(expected) bytes do not fit before the directory, \(found) do", Self.copyAgain)
        case .storedSizes: ("sizes disagree: stored in \(found) bytes, said to hold \(expected)", saveAgain)
        case .impossibleSize:
            ("sizes disagree: said to hold \(expected) bytes, at most \(found) can come out", saveAgain)
        case .duplicateKey: ("several members have the key '\(text)'", "save each array under a name of its own")
        case .deflateCorrupt: ("deflate stream is corrupt (\(text))", Self.copyAgain)
        case .deflateEndsEarly: ("deflate stream ends early: \(found) of \(expected) bytes came out", Self.copyAgain)
        case .memberTooLong: ("sizes disagree: more than the stated \(expected) bytes come out", Self.copyAgain)
        case .memberTooShort: ("sizes disagree: \(found) bytes come out, \(expected) are stated", Self.copyAgain)
        case .bytesAfterDeflate: ("\(found) bytes follow the end of the deflate stream", saveAgain)
        default: ("CRC-32 is \(hexadecimal(found)), the directory says \(hexadecimal(expected))", Self.copyAgain)
        }
    }

    private var methodText: String {
        // APPNOTE 4.4.5
        let names: [UInt64: String] = [
            1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd",
        ]
        return names[found].map { "\(found) (\($0))" } ?? "\(found)"
    }
}

private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
}
