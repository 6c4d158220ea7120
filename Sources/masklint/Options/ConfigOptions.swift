import ArgumentParser

/// The option that names a configuration file. The file is put into the command line before that is parsed.
struct ConfigOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Reads options from a JSON file: keys are long names without dashes, paths start at the file's folder. What \
            the command line says wins; --no-NAME takes back a flag of the file.
            """, valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?
}
