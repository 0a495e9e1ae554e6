/// The windows of a pooling operation: every channel by itself, no padding.
struct PoolWindows: Sendable, Equatable {
  let input: TensorShape
  let output: TensorShape
  let kernel: Int
  let stride: Int

  /// - Throws: `NetworkError.shape` where the window does not fit into the image.
  init(_ input: TensorShape, kernel: Int, stride: Int?) throws {
    self.input = input
    self.kernel = kernel
    self.stride = stride ?? kernel
    output = try TensorShape(
      channels: input.channels,
      height: Convolution.places(input.height, kernel, self.stride, 0, "height"),
      width: Convolution.places(input.width, kernel, self.stride, 0, "width"))
  }

  static let settings = [
    SettingSpec("kernel", .integer(1...4096), "Height and width of a window"),
    SettingSpec(
      "stride", .integer(1...4096), optional: true, "Step of the window; the kernel if left out"),
  ]

  /// The first pixel of every window among the pixels of a row, `[channels][height][width]`.
  var corners: [Int] {
    var corners: [Int] = []
    corners.reserveCapacity(output.count)
    for channel in 0..<output.channels {
      for row in 0..<output.height {
        let line = (channel * input.height + row * stride) * input.width
        for column in 0..<output.width { corners.append(line + column * stride) }
      }
    }
    return corners
  }

  /// The pixels of a window from its first one.
  var offsets: [Int] {
    (0..<kernel).flatMap { i in (0..<kernel).map { j in i * input.width + j } }
  }
}
