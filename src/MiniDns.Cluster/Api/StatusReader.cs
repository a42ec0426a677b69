using System.Net;
using System.Text.Json;

namespace MiniDns.Cluster.Api;

/// <summary>Reads a <c>Status</c>: how Kubernetes says what went wrong.</summary>
internal static class StatusReader
{
    private const int LongestMessage = 500;

    /// <summary>Reads one.</summary>
    /// <param name="json">The object.</param>
    /// <param name="status">The HTTP status it came with; the object's own code wins.</param>
    /// <param name="retryAfter">How long the header asked to wait.</param>
    public static ApiFailure Read(ReadOnlySpan<byte> json, HttpStatusCode status, TimeSpan? retryAfter)
    {
        var reader = new Utf8JsonReader(json);
        string reason = "";
        string message = "";
        if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            while (JsonFields.NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("reason"u8))
                {
                    reason = Text(ref reader) ?? reason;
                }
                else if (reader.ValueTextEquals("message"u8))
                {
                    message = Text(ref reader) ?? message;
                }
                else if (reader.ValueTextEquals("code"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int code) && code is >= 100 and <= 999)
                    {
                        status = (HttpStatusCode)code;
                    }
                    else
                    {
                        reader.Skip();
                    }
                }
                else if (reader.ValueTextEquals("details"u8))
                {
                    retryAfter = RetryAfter(ref reader) ?? retryAfter;
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        if (message.Length > LongestMessage)
        {
            message = message[..LongestMessage] + " …";
        }

        return new ApiFailure(status, reason, message.Length > 0 ? message : $"status {(int)status} {reason}".TrimEnd(), retryAfter);
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    private static TimeSpan? RetryAfter(ref Utf8JsonReader reader)
    {
        if (!JsonFields.EnterObject(ref reader))
        {
            return null;
        }

        TimeSpan? found = null;
        while (JsonFields.NextProperty(ref reader))
        {
            bool isIt = reader.ValueTextEquals("retryAfterSeconds"u8);
            reader.Read();
            if (isIt && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int seconds) && seconds > 0)
            {
                found = TimeSpan.FromSeconds(seconds);
            }

            reader.Skip();
        }

        return found;
    }
}
