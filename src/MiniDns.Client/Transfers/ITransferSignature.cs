namespace MiniDns.Client.Transfers;

/// <summary>The signatures of one request and of the messages that answer it (RFC 8945 §5.3).</summary>
public interface ITransferSignature
{
    /// <summary>The most octets that a signature adds to a request.</summary>
    int MaxSize { get; }

    /// <summary>Adds a signature to the request.</summary>
    /// <param name="buffer">The request, with room for <see cref="MaxSize"/> octets after it.</param>
    /// <param name="length">The request's length in octets.</param>
    /// <returns>The signed request's length in octets.</returns>
    int Sign(Span<byte> buffer, int length);

    /// <summary>Checks a message of the answer; called for each of them in order.</summary>
    /// <param name="message">The message as received.</param>
    /// <param name="isLast">True for the message that ends the answer, which must be signed (RFC 8945 §5.3.1).</param>
    /// <param name="problem">What is wrong.</param>
    /// <returns>False when the answer must not be believed.</returns>
    bool TryVerify(ReadOnlySpan<byte> message, bool isLast, out string? problem);
}
