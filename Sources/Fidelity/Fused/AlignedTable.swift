import CKernels

/// Constant numbers at a fixed address that vector loads like, for kernels to read.
final class AlignedTable<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  let base: UnsafePointer<Element>
  private let memory: UnsafeMutableRawPointer

  init(_ values: [Element]) {
    memory = .allocate(
      byteCount: max(1, values.count) * MemoryLayout<Element>.stride,
      alignment: Int(GF_FUSED_ALIGNMENT))
    let elements = memory.bindMemory(to: Element.self, capacity: values.count)
    for (index, value) in values.enumerated() { (elements + index).initialize(to: value) }
    base = UnsafePointer(elements)
  }

  /// Rounds to the kernels' precision.
  convenience init(_ values: [Double]) where Element == Float { self.init(values.map(Float.init)) }

  deinit { memory.deallocate() }
}
