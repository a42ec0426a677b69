namespace MiniDns.Diagnostics;

/// <summary>Whether debug messages are logged; the configuration decides (<c>debug</c>), and decides anew at each reload.</summary>
public sealed class DebugSwitch
{
    private volatile bool _isOn;

    /// <summary>True when debug messages are logged.</summary>
    public bool IsOn
    {
        get => _isOn;
        set => _isOn = value;
    }
}
