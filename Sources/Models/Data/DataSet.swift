import Discrete
import Networks

/// Rows of numbers that a model is trained and measured on.
public struct DataSet: Sendable {
  private enum Numbers: Sendable {
    case images(ImageData)
    case floats([Float])
  }

  /// What the data are, as labels show it and identities hold it.
  public let name: String
  /// Rows.
  public let count: Int
  /// Shape of one row.
  public let shape: TensorShape
  private let numbers: Numbers
  /// The least and the largest number.
  let range: ClosedRange<Float>

  /// Grey images, whose numbers are from 0 to 1.
  ///
  /// - Throws: `DiscreteError.parameter` for images that are no rows of a network.
  init(_ images: ImageData, height: Int, width: Int, name: String? = nil) throws {
    precondition(height * width == images.pixelCount)
    shape = try Self.shape([height, width], images.name)
    self.name = name ?? images.name
    count = images.count
    numbers = .images(images)
    range = 0...1
  }

  /// Numbers as they are, `[count][shape]`.
  ///
  /// - Parameter sizes: of one row: none, one, two or three.
  /// - Throws: `DiscreteError.parameter` for sizes that are no rows of a network.
  init(name: String, sizes: [Int], numbers: [Float]) throws {
    shape = try Self.shape(sizes, name)
    precondition(!numbers.isEmpty && numbers.count % shape.count == 0)
    self.name = name
    count = numbers.count / shape.count
    self.numbers = .floats(numbers)
    range = numbers.reduce(numbers[0]...numbers[0]) {
      min($0.lowerBound, $1)...max($0.upperBound, $1)
    }
  }

  private static func shape(_ sizes: [Int], _ name: String) throws -> TensorShape {
    do {
      switch sizes.count {
      case 0: return try .flat(1)
      case 1: return try .flat(sizes[0])
      case 2: return try TensorShape(channels: 1, height: sizes[0], width: sizes[1])
      default: return try TensorShape(channels: sizes[0], height: sizes[1], width: sizes[2])
      }
    } catch {
      throw DiscreteError.parameter("the data '\(name)': \(error)")
    }
  }

  /// The rows `indices`, `[indices][shape]`; with `binarised` 1 above one half and 0 elsewhere.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func rows<Scalar: NetworkScalar>(
    _ indices: [Int], binarised: Bool, _ type: Scalar.Type
  ) -> [Scalar] {
    var rows: [Scalar] = []
    rows.reserveCapacity(indices.count * shape.count)
    for row in indices {
      switch numbers {
      case .images(let images):
        for byte in images.image(row) {
          rows.append(binarised ? (byte > 127 ? 1 : 0) : Scalar(byte) / 255)
        }
      case .floats(let floats):
        for number in floats[row * shape.count..<(row + 1) * shape.count] {
          rows.append(binarised ? (number > 0.5 ? 1 : 0) : Scalar(number))
        }
      }
    }
    return rows
  }
}

/// A source of data with its name: a new one is a file and a line in `DataKinds.all`.
struct DataKind: Sendable {
  let entry: EntryKind
  let read: @Sendable (ResolvedParameters, ProblemEnvironment) throws -> DataSet
}

package enum DataKinds {
  static let all: [DataKind] = [
    images("auto", "MNIST test images where they are found, else the procedural set"),
    images("mnist", "MNIST test images"),
    images("procedural", "The built-in set of drawn images, 28 x 28"),
    IDXData.kind, NumPyData.kind,
  ]

  /// For study files and listings.
  package static let entries = all.map(\.entry)

  /// The data of an entry that was resolved against `entries`.
  ///
  /// - Throws: `ModelFileError`.
  static func read(
    _ entry: (kind: String, parameters: ResolvedParameters), _ environment: ProblemEnvironment
  ) throws -> DataSet {
    guard let kind = all.first(where: { $0.entry.name == entry.kind }) else {
      preconditionFailure("no data '\(entry.kind)'")
    }
    return try kind.read(entry.parameters, environment)
  }

  static let path = ParameterSpec("path", .path, "File, relative to the study file")

  private static func images(_ name: String, _ summary: String) -> DataKind {
    DataKind(entry: EntryKind(name, summary)) { _, environment in
      let images = try ImageData.load(name, directories: environment.dataDirectories)
      return try DataSet(images, height: 28, width: 28)
    }
  }
}
