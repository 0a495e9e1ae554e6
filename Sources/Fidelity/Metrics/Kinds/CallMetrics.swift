extension Metric {
  public static let valueCalls = Metric(
    MetricDescriptor(
      "value_calls", unit: .calls, "oracle values per estimate of one row", isCovered: false))
  public static let gradientCalls = Metric(
    MetricDescriptor(
      "gradient_calls", unit: .calls, "oracle gradients per estimate of one row", isCovered: false))
}
