namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>What a question to the validating resolver has to give.</summary>
/// <param name="Text">Name and type.</param>
/// <param name="Code">The rcode.</param>
/// <param name="Trust">Whether the answer is proven.</param>
/// <param name="Answer">The answer without its signatures: type and data of each record, in the order of the words.</param>
internal sealed record Question(string Text, string Code, Trust Trust, params string[] Answer);
