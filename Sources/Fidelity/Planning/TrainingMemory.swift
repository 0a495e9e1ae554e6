import Discrete

/// What a training takes in memory: weights, gradients, the optimiser's moments, and the copies that are
/// frozen, saved and hashed.
public enum TrainingMemory {
  /// Bytes for one of weights, found on networks of 100 MiB: three to four copies work at a time, as many are
  /// on their way to a file.
  private static let copies = 12.0

  /// Bytes that a training takes beside the process as it is.
  public static func bytes(_ problem: any TrainableProblem) -> Double {
    copies * problem.weightBytes
  }

  /// Most bytes of the process while it trains.
  public static func peak(_ problem: any TrainableProblem) -> Double {
    ProcessMemory.resident + bytes(problem)
  }

  /// Why the problem is not trained in this process, with the remedy; nil where there is room.
  public static func refusal(_ problem: any TrainableProblem) -> String? {
    let (needed, available) = (bytes(problem), ProcessMemory.available(workers: 0))
    guard needed > available else { return nil }
    return
      "training this problem takes about \(MemoryNeeds.text(needed)) of memory, and \(MemoryNeeds.text(available)) are to be had: smaller hidden layers, or a process with more memory"
  }
}
