namespace MiniDns.Protocol.Messages;

/// <summary>A place in a message being written to which the writer can go back.</summary>
/// <param name="Length">The octets written.</param>
/// <param name="Names">The names remembered for compression.</param>
public readonly record struct WriterMark(int Length, int Names);
