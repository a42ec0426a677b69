namespace MiniDns.Expressions;

/// <summary>What is wrong in an expression.</summary>
/// <param name="Offset">Where, in characters from its start.</param>
/// <param name="Message">What, and what would be right.</param>
public sealed record ExpressionProblem(int Offset, string Message);
