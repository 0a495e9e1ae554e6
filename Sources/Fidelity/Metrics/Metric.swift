/// One number of the fidelity report. Names are column values of the public views.
public enum Metric: String, Sendable, CaseIterable {
  case biasSquared = "bias_sq"
  case relativeBias = "rel_bias"
  case variance
  case varianceMean = "variance_mean"
  case mse
  case rmse1 = "rmse_1"
  case rmse10 = "rmse_10"
  case rmse100 = "rmse_100"
  case rmse1000 = "rmse_1000"
  case snr
  case cosineOfMean = "cos_mean"
  case cosineOfDraw = "cos_draw"
  case scale
  case scaleFreeBias = "scale_free_bias"
  case targetNorm = "target_norm"
  case targetErrorSquared = "target_error_sq"
  case targetErrorRatio = "target_error_ratio"
  case estimateNorm = "estimate_norm"
  case reinMaxBias = "reinmax_bias_target"
  case reinMaxBiasRelativeToMean = "reinmax_bias_mean"
  case reinMaxDeviation = "reinmax_std_mean"
  case reinMaxCosine = "reinmax_cos"
  case gapLatent = "gap_latent"
  case gapLatentRelative = "gap_latent_rel"
  case gapLogits = "gap_logits"
  case gapLogitsRelative = "gap_logits_rel"
  case gapLayer = "gap_layer"
  case gapLayerRelative = "gap_layer_rel"
  case gapBypassLatent = "gap_bypass_latent"
  case gapBypassLatentRelative = "gap_bypass_latent_rel"
  case gapBypassLayer = "gap_bypass_layer"
  case gapBypassLayerRelative = "gap_bypass_layer_rel"
  case gapBypassRow = "gap_bypass_row"
  case gapBypassRowRelative = "gap_bypass_row_rel"
  case valueCalls = "value_calls"
  case gradientCalls = "gradient_calls"
  case mseTimesCost = "mse_cost"

  /// Definition, in the notation of the definitions page.
  public var definition: String {
    switch self {
    case .biasSquared: "||m - g*||^2 - tr(S)/n - tr(S_r)/n_r; unbiased, may be negative"
    case .relativeBias: "sqrt(max(bias_sq, 0)) / ||g*||"
    case .variance: "tr(S)"
    case .varianceMean: "tr(S) / coordinates"
    case .mse: "bias_sq + tr(S)"
    case .rmse1, .rmse10, .rmse100, .rmse1000:
      "sqrt(max(bias_sq + tr(S)/M, 0)) / ||g*|| for M = \(rawValue.dropFirst(5))"
    case .snr: "(||m||^2 - tr(S)/n) / tr(S)"
    case .cosineOfMean: "<m, g*> / (||m|| ||g*||), norms debiased"
    case .cosineOfDraw: "mean over draws of the cosine of one draw with g*; a draw of 0 counts as 0"
    case .scale: "c = <m, g*> / ||m||^2, norm debiased"
    case .scaleFreeBias: "min_c ||c m - g*|| / ||g*||"
    case .targetNorm: "||g*||, debiased"
    case .targetErrorSquared: "tr(S_r)/n_r: the target's own squared error, 0 where it is exact"
    case .targetErrorRatio:
      "sqrt(tr(S_r)/n_r) / sqrt(tr(S)/n): the target's error over the mean's, 0 where it is exact"
    case .estimateNorm: "||m||, debiased"
    case .reinMaxBias: "||g* - m|| / ||g*||, not debiased"
    case .reinMaxBiasRelativeToMean: "||g* - m|| / ||m||, not debiased"
    case .reinMaxDeviation: "sqrt(tr(S)) / ||m||, not debiased"
    case .reinMaxCosine: "cosine of m and g*, not debiased"
    case .gapLatent: "mean over draws of ||df/dz(z) - df/dz(s)||, hard z, coupled soft s"
    case .gapLatentRelative: "gap_latent's difference divided by ||df/dz(s)||, draw by draw"
    case .gapLogits: "the difference of gap_latent pulled back to the logits by the estimator"
    case .gapLogitsRelative: "gap_logits' difference divided by the soft point's pull-back"
    case .gapLayer: "the difference of gap_logits pulled back to the parameters of the scope"
    case .gapLayerRelative: "gap_layer's difference divided by the soft point's pull-back"
    case .gapBypassLatent:
      "class D: (1/B) ||df/dz(z_q) - df/dz(z_e)||, quantised against bypassed"
    case .gapBypassLatentRelative: "gap_bypass_latent's difference divided by ||df/dz(z_e)||"
    case .gapBypassLayer:
      "the difference of gap_bypass_latent pulled back to the parameters of the scope"
    case .gapBypassLayerRelative:
      "gap_bypass_layer's difference divided by the bypassed pull-back"
    case .gapBypassRow: "mean over rows of one row's own bypass gap, without 1/B"
    case .gapBypassRowRelative: "mean over rows of one row's own relative bypass gap"
    case .valueCalls: "oracle values per estimate of one row"
    case .gradientCalls: "oracle gradients per estimate of one row"
    case .mseTimesCost: "mse x (values + 3 gradients)"
    }
  }

  /// Unit: powers of the gradient's own unit, or none.
  public var unit: String {
    switch self {
    case .biasSquared, .variance, .varianceMean, .mse, .targetErrorSquared: "gradient^2"
    case .mseTimesCost: "gradient^2 x calls"
    case .targetNorm, .estimateNorm, .gapLogits, .gapLayer, .gapBypassLatent, .gapBypassLayer,
      .gapBypassRow:
      "gradient"
    case .gapLatent: "cost"
    case .valueCalls, .gradientCalls: "calls"
    default: "1"
    }
  }

  /// Whether Monte Carlo noise is subtracted.
  public var debiased: Bool {
    switch self {
    case .reinMaxBias, .reinMaxBiasRelativeToMean, .reinMaxDeviation, .reinMaxCosine: false
    default: true
    }
  }

  /// Metrics that are functions of the moments and the target.
  public static let ofMoments = ScopeStatistics.metrics

  /// Metrics that have a paired difference: functions of the moments, and the work-normalised form.
  public static let paired = ScopeStatistics.metrics + [.mseTimesCost]

  /// Whether a larger value is better; for all others a smaller one is.
  public var largerIsBetter: Bool {
    switch self {
    case .snr, .cosineOfMean, .cosineOfDraw, .reinMaxCosine: true
    default: false
    }
  }

  /// Whether the number is a norm, a square or a variance without anything subtracted from it.
  var cannotBeNegative: Bool {
    switch self {
    case .relativeBias, .scaleFreeBias, .rmse1, .rmse10, .rmse100, .rmse1000, .variance,
      .varianceMean, .targetNorm, .estimateNorm, .reinMaxBias, .reinMaxBiasRelativeToMean,
      .reinMaxDeviation:
      true
    default: false
    }
  }

  /// Whether the metric is a ratio of sums whose noise enters the denominator: its first-order bias
  /// is taken out by the jackknife.
  var isRatio: Bool {
    switch self {
    case .snr, .cosineOfMean, .scale, .scaleFreeBias: true
    default: false
    }
  }

  /// Whether "not resolved" applies: a bias whose interval covers zero.
  public var isBias: Bool {
    switch self {
    case .biasSquared, .relativeBias, .scaleFreeBias: true
    default: false
    }
  }
}
