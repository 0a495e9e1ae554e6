import Tensors

/// Shifted points of a lattice with their weights, to be turned into noise.
package struct LatticePoints {
  package let count: Int
  package let variables: Int
  /// `u`, `[count][variables]`, in (0, 1).
  package let values: [Double]
  /// `1 - u`, with digits of its own.
  package let complements: [Double]
  /// The weight of each point under all changes of variable; 1 on average.
  package var weights: [Double]

  /// - Parameters:
  ///   - offsets: the shift, one number a variable.
  ///   - rest: draws the variables beyond the generating vector, independently.
  package init(_ range: Range<Int>, of rule: LatticeRule, offsets: [Double], rest: RandomStream) {
    count = range.count
    variables = offsets.count
    let covered = min(variables, rule.generator.count)
    let random = rest.uniforms(
      from: UInt64(range.lowerBound * (variables - covered)),
      count: range.count * (variables - covered))
    var values: [Double] = []
    var complements: [Double] = []
    values.reserveCapacity(count * variables)
    complements.reserveCapacity(count * variables)
    weights = [Double](repeating: 1, count: count)
    for (place, point) in range.enumerated() {
      for variable in 0..<covered {
        let (value, complement, weight) = rule.periodised(
          rule.coordinate(point, variable, offset: offsets[variable]))
        values.append(value)
        complements.append(complement)
        weights[place] *= weight
      }
      for variable in covered..<variables {
        let uniform = Double(random[place * (variables - covered) + variable - covered])
        values.append(uniform)
        complements.append(1 - uniform)
      }
    }
    self.values = values
    self.complements = complements
  }
}
