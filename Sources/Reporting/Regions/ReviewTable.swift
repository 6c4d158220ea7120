public import MaskAudit
import NumPyFiles

/// A table of regions that a reviewer may have saved with a spreadsheet.
///
/// **Edge cases.** Fields are separated by commas, semicolons or tabs, whichever comes first in the first line. Quoted
/// fields may hold line ends. CRLF, a byte order mark, empty lines, columns in any order and further columns are read.
/// **Source.** RFC 4180.
public struct ReviewTable {
    private let file: String
    private var columns: [String: Int] = [:]
    private var rows: [(line: Int, fields: [String])] = []

    /// The largest table that is read.
    private static let limitBytes = 1 << 30

    /// **Errors.** A file that cannot be read, a quote that is not closed, a line with too few or too many fields.
    public init(path: String) throws(AuditError) {
        let text = try AuditError.wrapping(try readTextFile(path: path, limit: Self.limitBytes))
        file = printable(path)
        let records = try Self.records(text, file: file)
        guard let head = records.first else { throw fault(1, "the table is empty", "name a table of masklint regions") }
        for (index, name) in head.fields.enumerated() { columns[trimmed(name).lowercased()] = index }
        for record in records.dropFirst() {
            guard record.fields.count == head.fields.count else {
                throw fault(
                    record.line, "\(record.fields.count) fields, the first line has \(head.fields.count)",
                    "quote fields that hold the separator")
            }
            rows.append(record)
        }
    }

    /// The fields of each line, and the line at which they begin; empty lines are left out.
    private static func records(
        _ text: String, file: String
    ) throws(AuditError) -> [(line: Int, fields: [String])] {
        var records: [(line: Int, fields: [String])] = []
        var fields: [String] = []
        var field = String.UnicodeScalarView()
        var line = 1
        var firstLine = 1
        var isQuoted = false
        var wasQuoted = false
        let separator = Self.separator(text)
        func end(_ fields: [String]) { if fields != [""] { records.append((firstLine, fields)) } }
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            if scalar == "\n" { line += 1 }
            if isQuoted {
                if scalar == "\"" && next == "\"" {
                    field.append(scalar)
                    next = scalars.next()
                } else if scalar == "\"" {
                    isQuoted = false
                } else {
                    field.append(scalar)
                }
            } else if scalar == "\"" && field.isEmpty && !wasQuoted {
                (isQuoted, wasQuoted) = (true, true)
            } else if scalar == separator || scalar == "\n" || (scalar == "\r" && next != "\n") {
                fields.append(String(field))
                (field, wasQuoted) = (String.UnicodeScalarView(), false)
                if scalar == separator { continue }
                if scalar == "\r" { line += 1 }
                end(fields)
                (fields, firstLine) = ([], line)
            } else if scalar != "\r" {
                field.append(scalar)
            }
        }
        guard !isQuoted else {
            throw .input(
                InputFault(
                    file: file, finding: "line \(firstLine): a quote is not closed",
                    remedy: "close it, and double quotes within fields"))
        }
        fields.append(String(field))
        end(fields)
        return records
    }

    private static func separator(_ text: String) -> UnicodeScalar {
        for scalar in text.unicodeScalars {
            if scalar == "," || scalar == ";" || scalar == "\t" { return scalar }
            if scalar == "\n" || scalar == "\r" { break }
        }
        return ","
    }

    private func fault(_ line: Int, _ finding: String, _ remedy: String) -> AuditError {
        .input(InputFault(file: file, finding: "line \(line): \(finding)", remedy: remedy))
    }

    private func column(_ name: String) throws(AuditError) -> Int {
        if let column = columns[name] { return column }
        throw fault(1, "no column \(name)", "name a table of masklint regions")
    }

    private func decision(_ row: (line: Int, fields: [String]), _ column: Int) throws(AuditError) -> RegionDecision? {
        let text = trimmed(row.fields[column]).lowercased()
        if text.isEmpty { return nil }
        guard let decision = RegionDecision(rawValue: text) else {
            throw fault(row.line, "the decision is '\(printable(text))'", "write accept, reject or nothing")
        }
        return decision
    }

    /// The decisions by region.
    ///
    /// **Errors.** A missing column `id` or `decision`, a region that is decided twice, an unknown decision.
    public func review() throws(AuditError) -> RegionReview {
        let id = try column("id")
        let decided = try column("decision")
        var entries: [String: RegionReview.Entry] = [:]
        for row in rows {
            guard let decision = try decision(row, decided) else { continue }
            let name = textOfCSVField(row.fields[id])
            if let before = entries[name] {
                throw fault(
                    row.line, "region '\(printable(name))' is decided twice, first in line \(before.line)",
                    "leave one of the lines")
            }
            entries[name] = RegionReview.Entry(decision: decision, line: row.line)
        }
        return RegionReview(file: file, entries: entries)
    }

    /// The rejected regions; all regions of a table without a column for decisions.
    ///
    /// **Errors.** A missing column, a class that is not a number, a damaged mask.
    public func known() throws(AuditError) -> [KnownRegion] {
        let id = try column("id")
        let given = try column("given")
        let suggested = try column("suggested")
        let mask = try column("mask")
        let decided = columns["decision"]
        var known: [KnownRegion] = []
        for row in rows {
            if let decided {
                guard try decision(row, decided) == .reject else { continue }
            }
            guard let from = Int(trimmed(row.fields[given])), let to = Int(trimmed(row.fields[suggested])) else {
                throw fault(row.line, "given and suggested class are numbers", "leave these columns as they were")
            }
            guard let mask = ColumnRuns(sizedText: trimmed(row.fields[mask])) else {
                throw fault(row.line, "the mask is damaged", "leave this column as it was")
            }
            known.append(
                KnownRegion(
                    identifier: textOfCSVField(row.fields[id]), given: from, suggested: to, mask: mask, file: file,
                    line: row.line))
        }
        return known
    }
}

/// A text without white space at its ends.
private func trimmed(_ text: String) -> String {
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
        let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
}
