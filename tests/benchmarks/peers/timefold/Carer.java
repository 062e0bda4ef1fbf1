import ai.timefold.solver.core.api.domain.common.PlanningId;
import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.variable.PlanningListVariable;
import java.util.ArrayList;
import java.util.List;

/** One caregiver's day, and by how much it breaks the rules. */
@PlanningEntity
public class Carer {
    @PlanningId
    private int number;
    int startPlace;
    int endPlace;
    long firstS;
    long lastS;
    long pacePermille;
    long capacity;
    long[][] breaks;
    boolean[] may;
    int[][] waysS;

    @PlanningListVariable(allowsUnassignedValues = true)
    private List<Stop> stops = new ArrayList<>();

    public Carer() {
    }

    Carer(int number) {
        this.number = number;
    }

    public int getNumber() {
        return number;
    }

    public List<Stop> getStops() {
        return stops;
    }

    public void setStops(List<Stop> stops) {
        this.stops = stops;
    }

    private long wayS(int from, int to) {
        return (waysS[from][to] * pacePermille + 999) / 1000;
    }

    private long homeS(int from) {
        return endPlace < 0 ? 0 : wayS(from, endPlace);
    }

    /** Seconds on the road. */
    public long travelS() {
        long sum = 0;
        int place = startPlace;
        for (Stop stop : stops) {
            sum += wayS(place, stop.place);
            place = stop.place;
        }
        return stops.isEmpty() ? 0 : sum + homeS(place);
    }

    /** Stops that need a skill the caregiver does not have. */
    public long barred() {
        return stops.stream().filter(stop -> !may[stop.kind]).count();
    }

    /** Load over capacity. */
    public long overloaded() {
        return Math.max(0, stops.stream().mapToLong(stop -> stop.load).sum() - capacity);
    }

    /** Seconds by which care begins after its window, breaks begin too late, and the day ends too late. */
    public long lateS() {
        long late = 0;
        long free = firstS;
        int place = startPlace;
        int taken = 0;
        for (Stop stop : stops) {
            long way = wayS(place, stop.place);
            long start = Math.max(free + way, stop.lowS);
            while (taken < breaks.length) {
                long begin = Math.max(free, breaks[taken][0]);
                long rested = begin + breaks[taken][2];
                long after = Math.max(Math.max(free + way + breaks[taken][2], rested), stop.lowS);
                boolean costsNothing = after == start && begin <= breaks[taken][1];
                boolean canWait = Math.max(start + stop.careS, breaks[taken][0]) <= breaks[taken][1];
                if (canWait && !costsNothing) {
                    break;
                }
                late += Math.max(0, begin - breaks[taken][1]);
                way = Math.max(0, free + way + breaks[taken][2] - rested);
                free = rested;
                start = after;
                taken++;
            }
            late += Math.max(0, start - stop.highS);
            free = start + stop.careS;
            place = stop.place;
        }
        long way = homeS(place);
        for (; taken < breaks.length; taken++) {
            long begin = Math.max(free, breaks[taken][0]);
            late += Math.max(0, begin - breaks[taken][1]);
            way = Math.max(0, free + way - begin);
            free = begin + breaks[taken][2];
        }
        return stops.isEmpty() ? 0 : late + Math.max(0, free + way - lastS);
    }
}
