using System.Buffers;
using System.Buffers.Text;
using Microsoft.AspNetCore.Http;
using MiniDns.Queries;

namespace MiniDns.Server.Transport;

/// <summary>The message in the target of a GET: base64url without padding, in the parameter <c>dns</c> (RFC 8484 §4.1.1, §6).</summary>
internal static class HttpsTarget
{
    private const string Parameter = "dns=";

    private static readonly SearchValues<char> Digits = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Decodes the message.</summary>
    /// <param name="target">The query part of the target, with its question mark or without.</param>
    /// <param name="query">Takes the message in its receive buffer.</param>
    /// <param name="length">The message's length in octets.</param>
    /// <returns>200, or the status that says what is wrong.</returns>
    public static int Decode(string target, DnsQuery query, out int length)
    {
        length = 0;
        ReadOnlySpan<char> parts = target.AsSpan().TrimStart('?');
        ReadOnlySpan<char> message = default;
        int found = 0;
        foreach (Range range in parts.Split('&'))
        {
            if (parts[range].StartsWith(Parameter, StringComparison.Ordinal))
            {
                message = parts[range][Parameter.Length..];
                found++;
            }
        }

        if (message.Contains('%'))
        {
            message = Uri.UnescapeDataString(message);
        }

        if (found != 1 || message.ContainsAnyExcept(Digits))
        {
            return StatusCodes.Status400BadRequest;
        }

        int most = Base64Url.GetMaxDecodedLength(message.Length);
        if (most > DnsQuery.MaxMessageSize)
        {
            return StatusCodes.Status413PayloadTooLarge;
        }

        query.EnsureReceiveBuffer(most);
        return Base64Url.DecodeFromChars(message, query.ReceiveBuffer, out _, out length) == OperationStatus.Done
            ? StatusCodes.Status200OK
            : StatusCodes.Status400BadRequest;
    }
}
