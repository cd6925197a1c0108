import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditStore, Unknowns } from '#audit';
import { AppTokens } from '#dingtalk';
import { StateHealth } from '#state';
import { Metrics } from '#telemetry';

/** Figures of what is so just now. */
@Injectable()
export class Gauges implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly appTokens: AppTokens,
    private readonly state: StateHealth,
    private readonly audit: AuditStore,
    private readonly unknowns: Unknowns,
  ) {}

  onModuleInit(): void {
    this.ofTheTrail();
    const token = (of: 'ageMs' | 'leftMs') => () => {
      const { held } = this.appTokens;
      return held ? [{ value: held[of] / 1000 }] : [];
    };
    this.metrics.gauge('gateway_app_token_age_seconds', 'Age of the app token that is held', token('ageMs'));
    this.metrics.gauge('gateway_app_token_left_seconds', 'For how long it is still used', token('leftMs'));
    const store = (read: (health: { isThere: boolean; replicas: number }) => number) => () => {
      const health = this.state.tell();
      return health ? [{ value: read(health) }] : [];
    };
    this.metrics.gauge(
      'gateway_redis_up',
      '1 while Redis answers; nothing where there is none',
      store(({ isThere }) => Number(isThere)),
      { ofWorkers: 'min' },
    );
    this.metrics.gauge(
      'gateway_replicas',
      'Replicas that live, as Redis knows',
      store(({ replicas }) => replicas),
    );
  }

  private ofTheTrail(): void {
    const isUp = () => [{ value: Number(this.audit.tell().isThere) }];
    this.metrics.gauge('gateway_audit_database_up', '1 while the database of the trail answers', isUp, {
      ofWorkers: 'min',
    });
    this.metrics.gauge(
      'gateway_audit_open_changes',
      'Changes whose process ended before their outcome was recorded',
      () => [{ value: this.unknowns.abandoned }],
    );
  }
}
