import Discrete

/// One entry of a study file after its axes were expanded.
struct EntryCells: Sendable {
  let kind: String
  let kindNode: DocumentNode
  /// Places of the parameter keys that the entry gives.
  let keys: [String: DocumentNode]
  /// Number of settings: the product of the axes, saturated at `Int.max`.
  let count: Int
  /// All settings, in file order with the first axis slowest; empty where the entry is wrong or
  /// has too many of them.
  let cells: [ResolvedParameters]
}

/// The values of one parameter in an entry.
struct ParameterAxis: Sendable {
  let name: String
  let key: DocumentNode
  let values: [ParameterValue]
  /// Given as a list, even if of one value.
  let isList: Bool
}

extension Collection<ParameterAxis> {
  /// Size of the grid over all axes, saturated at `Int.max`.
  var gridSize: Int {
    reduce(1) { size, axis in
      let (product, overflow) = size.multipliedReportingOverflow(by: axis.values.count)
      return overflow ? .max : product
    }
  }

  /// All combinations, the first axis slowest.
  var grid: [[String: ParameterValue]] {
    reduce([[:]]) { rows, axis in
      rows.flatMap { row in
        axis.values.map { value in
          var extended = row
          extended[axis.name] = value
          return extended
        }
      }
    }
  }

  /// One combination per row of the lists; single values are the same in every row.
  func rows(_ count: Int) -> [[String: ParameterValue]] {
    (0..<count).map { row in
      var values: [String: ParameterValue] = [:]
      for axis in self { values[axis.name] = axis.isList ? axis.values[row] : axis.values[0] }
      return values
    }
  }
}
