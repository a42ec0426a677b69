using Microsoft.Extensions.Logging;
using MiniDns.Zones;

namespace MiniDns.Plugins.Authority;

/// <summary>Looks at zone files and says what came of it.</summary>
internal static class ZoneFileReport
{
    /// <summary>How many problems of one file are logged.</summary>
    private const int Limit = 20;

    /// <summary>Looks at a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="ignoreSerial">True to read it although its serial number is the same.</param>
    /// <param name="logger">Where to.</param>
    /// <param name="isQuiet">True when success is not worth a line.</param>
    public static ZoneFileOutcome Refresh(ZoneFile file, bool ignoreSerial, ILogger logger, bool isQuiet = false)
    {
        var problems = new ZoneProblems();
        ZoneFileOutcome outcome = file.Refresh(ignoreSerial, problems);
        foreach (ZoneProblem problem in problems.Items.OrderByDescending(p => p.IsError).Take(Limit))
        {
            if (problem.IsError)
            {
                ZoneLog.Error(logger, problem.ToString());
            }
            else
            {
                ZoneLog.Warning(logger, problem.ToString());
            }
        }

        string origin = file.Served.Origin.ToString();
        switch (outcome)
        {
            case ZoneFileOutcome.Loaded when !isQuiet:
                Zone zone = file.Served.Current!;
                ZoneLog.Loaded(logger, origin, file.Path, zone.Serial, zone.NameCount);
                break;
            case ZoneFileOutcome.SameSerial:
                ZoneLog.SameSerial(logger, file.Path, origin);
                break;
            case ZoneFileOutcome.Refused or ZoneFileOutcome.Unreadable:
                ZoneLog.Failed(logger, origin, file.Path, file.Served.Current is { } old ? $"serial {old.Serial} stays in service" : "it is not served");
                break;
            default:
                break;
        }

        return outcome;
    }
}
