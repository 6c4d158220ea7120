internal import CPixelKernels

/// Sets of inner loops that give the same bits. Each machine runs some of them.
public enum KernelPath: CaseIterable, Sendable {
    /// Plain Swift and C.
    case portable
    /// AVX2, F16C and FMA of x86-64.
    case avx2
    /// AVX-512 of Ice Lake, Zen 4 and later.
    case avx512

    /// The fastest that this machine runs.
    public static let widest: KernelPath =
        switch mlk_widest_path() {
        case MLK_AVX512: .avx512
        case MLK_AVX2: .avx2
        default: .portable
        }

    /// All sets that this machine runs, the fastest last.
    public static var available: [KernelPath] {
        Array(allCases.prefix { $0 != widest }) + [widest]
    }

    var kernelPath: mlk_path {
        switch self {
        case .portable: MLK_PORTABLE
        case .avx2: MLK_AVX2
        case .avx512: MLK_AVX512
        }
    }
}
