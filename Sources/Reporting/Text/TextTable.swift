/// A column of a table, with its title and the side on which its cells stand.
enum TableColumn {
    case left(String)
    case right(String)

    fileprivate var title: String {
        switch self {
        case .left(let title), .right(let title): title
        }
    }
}

/// A table in columns of even width, two spaces apart: a line of titles, then the rows.
///
/// - Parameter rows: one cell a column.
/// - Returns: lines, each ended; no line has white space at its end.
func textTable(_ columns: [TableColumn], _ rows: [[String]]) -> String {
    let lines = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
        var line = ""
        for (column, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: widths[column] - cell.count)
            let isLast = column == cells.count - 1
            switch columns[column] {
            case .left: line += cell + (isLast ? "" : padding)
            case .right: line += padding + cell
            }
            if !isLast { line += "  " }
        }
        return line + "\n"
    }.joined()
}
