extension Dataset {
    /// The class names in the file that the plan names, made printable, class 0 first; nil where it names none.
    ///
    /// **Errors.** Another number of names than classes, and a file that cannot be read as text.
    func classNames(_ plan: DatasetPlan) throws(AuditError) -> [String]? {
        guard let path = plan.classNamesFile else { return nil }
        let names = try textLines(path).map(printable)
        guard names.count == classCount else {
            throw .input(
                path, "\(names.count) class names for \(classCount) classes",
                remedy: "write one name a line, class 0 first")
        }
        return names
    }
}
