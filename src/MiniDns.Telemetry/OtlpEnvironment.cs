using System.Globalization;

namespace MiniDns.Telemetry;

/// <summary>The environment variables that OpenTelemetry's specification names. What cannot be used is complained of once and passed over.</summary>
/// <param name="read">Reads a variable; null when it is not set.</param>
/// <param name="complain">Takes what is wrong.</param>
public sealed class OtlpEnvironment(Func<string, string?> read, Action<string> complain)
{
    private static readonly string ProcessInstance = Guid.NewGuid().ToString();

    /// <summary>Tells this process from others of the same service.</summary>
    public string InstanceId { get; init; } = ProcessInstance;

    /// <summary>False when nothing is to be exported at all (<c>OTEL_SDK_DISABLED</c>).</summary>
    public bool IsOn => !string.Equals(Of("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The process's environment.</summary>
    public static OtlpEnvironment OfProcess(Action<string> complain) => new(Environment.GetEnvironmentVariable, complain);

    /// <summary>True when an endpoint for a signal is set, and nothing says that the signal is not to be exported.</summary>
    public bool AsksFor(OtlpSignal signal) =>
        IsOn
        && Of(signal, "ENDPOINT") is not null
        && !string.Equals(Of($"OTEL_{signal.EnvironmentName}_EXPORTER"), "none", StringComparison.OrdinalIgnoreCase);

    /// <summary>Says that something is wrong.</summary>
    public void Complain(string problem) => complain(problem);

    /// <summary>A variable; null when it is not set or empty.</summary>
    public string? Of(string name) => read(name) is { Length: > 0 } value ? value.Trim() : null;

    /// <summary>A variable of the exporter, for a signal or for all.</summary>
    public string? Of(OtlpSignal signal, string name) =>
        Of($"OTEL_EXPORTER_OTLP_{signal.EnvironmentName}_{name}") ?? Of("OTEL_EXPORTER_OTLP_" + name);

    /// <summary>A variable that is an address.</summary>
    public Uri? Address(string name)
    {
        if (Of(name) is not { } text)
        {
            return null;
        }

        if (CollectorSettings.TryParseEndpoint(text, out Uri address))
        {
            return address;
        }

        Complain($"{name}: '{text}' is not an address such as http://collector:4318");
        return null;
    }

    /// <summary>A variable that is a time in milliseconds.</summary>
    public TimeSpan? Milliseconds(string name)
    {
        if (Number(name) is not { } number)
        {
            return null;
        }

        return TimeSpan.FromMilliseconds(number);
    }

    /// <summary>A variable that is a whole number above zero.</summary>
    public int? Number(string name)
    {
        if (Of(name) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0)
        {
            return number;
        }

        Complain($"{name}: '{text}' is not a whole number above zero");
        return null;
    }

    /// <summary>A variable of the exporter that is a list of pairs.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs(OtlpSignal signal, string name) =>
        Pairs(Of($"OTEL_EXPORTER_OTLP_{signal.EnvironmentName}_{name}") is null ? "OTEL_EXPORTER_OTLP_" + name : $"OTEL_EXPORTER_OTLP_{signal.EnvironmentName}_{name}");

    /// <summary>A variable that is a list of pairs, <c>a=1,b=two%20words</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs(string name)
    {
        List<KeyValuePair<string, string>> pairs = [];
        foreach (string pair in (Of(name) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (pair.Split('=', 2) is [{ Length: > 0 } key, string value])
            {
                pairs.Add(new(Uri.UnescapeDataString(key.Trim()), Uri.UnescapeDataString(value.Trim())));
            }
            else
            {
                Complain($"{name}: '{pair}' is not a pair such as key=value");
            }
        }

        return pairs;
    }
}
