import Discrete

extension EstimatorDescriptor {
  /// `GumbelEntmax` with sparsemax as the map.
  static let gumbelSparsemax = gumbelEntmax(
    .sparsemax, name: "gumbel-sparsemax",
    summary: "Gumbel-Softmax with sparsemax in place of the softmax.",
    formula:
      "y = sparsemax((phi + G)/tau), g = (1/tau) (s h - s <s, h>/<s, 1>), s the support of y, h = h(y)"
  )
}
