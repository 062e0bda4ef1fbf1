import ai.timefold.solver.core.api.domain.solution.PlanningEntityCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.PlanningScore;
import ai.timefold.solver.core.api.domain.solution.PlanningSolution;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.score.HardSoftScore;
import java.util.List;

/** The day to plan. */
@PlanningSolution
public class Day {
    @PlanningEntityCollectionProperty
    private List<Carer> carers;

    @PlanningEntityCollectionProperty
    @ValueRangeProvider
    private List<Stop> stops;

    @PlanningScore
    private HardSoftScore score;

    public Day() {
    }

    Day(List<Carer> carers, List<Stop> stops) {
        this.carers = carers;
        this.stops = stops;
    }

    public List<Carer> getCarers() {
        return carers;
    }

    public List<Stop> getStops() {
        return stops;
    }

    public HardSoftScore getScore() {
        return score;
    }

    public void setScore(HardSoftScore score) {
        this.score = score;
    }
}
