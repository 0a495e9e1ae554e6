import CKernels

/// How the process keeps memory that it no longer uses.
public enum HeapPolicy {
  /// Keeps freed blocks of up to 64 MiB for later use, 256 MiB in all, instead of handing their
  /// pages back. Call once at start.
  ///
  /// Work on a layer frees and asks for arrays of some MiB at every call of the oracle; fresh pages
  /// for each of them would cost several percent of a run.
  public static func keepLargeBlocks() { gf_keep_large_blocks(64 << 20, 256 << 20) }

  /// Asks for huge pages under numbers that are yet to be written, where they are many: filling a table of
  /// 100 MiB page by page would take as long as computing a tenth of it. A hint only.
  public static func preferHugePages<Number>(_ buffer: UnsafeMutableBufferPointer<Number>) {
    gf_prefer_huge_pages(buffer.baseAddress, buffer.count * MemoryLayout<Number>.stride)
  }
}
