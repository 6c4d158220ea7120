internal import CHostSystem

/// What becomes of unfinished files when the process is told to end.
public enum Interruption {
    /// From now on SIGINT, SIGTERM and SIGHUP remove every temporary file of this process and end it with 128 + signal,
    /// and a closed pipe or a file size limit is an error instead of the end. Signals that were ignored at the start
    /// stay so.
    /// A crash, or another signal that ends the process, removes them too and prints one line.
    public static func install() { host_interruption_install() }
}
